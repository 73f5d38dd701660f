/** The values of a scan that a contract doesn't take. */
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import type { Scan } from "../../core/scan.ts";
import type { SchemaViolation } from "../../core/schema-violation.ts";
import { fittingValue } from "../scan/fitting-value.ts";
import { fieldColumn } from "../scan/scan-relation.ts";

/** One field's. */
export interface RefusedValue {
  readonly name: string;
  /** Whether a row of the relation `s` has such a value: SQL that is true, else false or null. */
  readonly isRefused: string;
  readonly violation: SchemaViolation;
}

/** The fields of which values are discarded that way; of a scan that `readSingly` made. */
export function refusedValues(
  { scan, targets }: { readonly scan: Scan; readonly targets: readonly FieldTarget[] },
  kind: "discard_row" | "discard_value",
): readonly RefusedValue[] {
  return scan.fields.flatMap(({ name }, place) => {
    const target = targets[place];
    if (target?.kind !== kind) return [];
    return [{ name, isRefused: isRefused(scan, place, target.keeps), violation: target.violation }];
  });
}

function isRefused(
  scan: Scan,
  place: number,
  keeps: Extract<FieldTarget, { kind: "discard_row" }>["keeps"],
): string {
  if (keeps === null) return `s.${fieldColumn(place)} IS NOT NULL`;
  const { isThere, isFitting } = fittingValue(scan, place, keeps);
  return `(${isThere} AND ${isFitting} IS NOT TRUE)`;
}
