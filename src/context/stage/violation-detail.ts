/** Why a contract refused a row, in the words of the quarantine table. */
import type { SchemaViolation } from "../../core/schema-violation.ts";
import { typeName } from "../../core/type-name.ts";

/** What was expected and what came. */
export function violationDetail(violation: SchemaViolation): string {
  switch (violation.kind) {
    case "new_table":
      return "the contract lets no table be made";
    case "new_column":
      return `the contract lets no column be added, got ${typeName(violation.newType)}`;
    case "new_type":
    case "incompatible_type": {
      const expected = violation.oldType === null ? "no column" : typeName(violation.oldType);
      return `expected ${expected}, got ${typeName(violation.newType)}: ${violation.reason}`;
    }
    case "changed_key":
      return "the table has another key";
  }
}

/** The code of the error that the row would have been. */
export function violationReason(violation: SchemaViolation): string {
  return `schema.${violation.kind}`;
}
