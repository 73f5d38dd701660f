/**
 * Which promotions DuckDB may do while it reads. In a scan of several files DuckDB 1.5 casts the
 * constant of a filter to each file's own type and rounds it (duckdb#24900), which loses or invents
 * rows wherever the step back from the wider type isn't exact. Such files are read by their own
 * type, and cast outside of the scan.
 */
import type { DataType } from "../../core/type.ts";

/** Whether a file that holds `stored` may be read straight as `wanted`, filters included. */
export function mayReadAs(stored: DataType, wanted: DataType): boolean {
  if (stored.kind === "null") return true;
  if (stored.kind === "list" && wanted.kind === "list") return mayReadAs(stored.item, wanted.item);
  if (stored.kind === "struct" && wanted.kind === "struct") {
    const members = new Map(wanted.fields.map((field) => [field.name, field.type]));
    return stored.fields.every((field) => {
      const member = members.get(field.name);
      return member !== undefined && mayReadAs(field.type, member);
    });
  }
  if (stored.kind === "int") return wanted.kind === "int";
  if (stored.kind === "decimal") {
    return (
      wanted.kind === "decimal" &&
      wanted.scale === stored.scale &&
      wanted.precision === stored.precision
    );
  }
  if (stored.kind === "float") return wanted.kind === "float" && wanted.bits === stored.bits;
  return stored.kind === wanted.kind;
}
