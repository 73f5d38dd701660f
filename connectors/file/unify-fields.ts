/** The columns of several looks as one list. */
import { ranged, unify, type DataType, type Field } from "../../src/connector.ts";

/**
 * All columns in the order of their appearance, each with a type that holds the values of all, or
 * with the one that a conflict makes where nothing holds them together.
 */
export function unifyFields(
  lists: readonly (readonly Field[])[],
  onConflict: () => DataType,
): readonly Field[] {
  const types = new Map<string, DataType>();
  for (const { name, type } of lists.flat()) {
    const other = types.get(name);
    types.set(name, other === undefined ? type : join(other, type, onConflict));
  }
  return [...types].map(([name, type]) => ({ name, type, nullable: true }));
}

function join(a: DataType, b: DataType, onConflict: () => DataType): DataType {
  const joined = unify(ranged(a), ranged(b));
  return joined.kind === "ranged" ? joined.type : onConflict();
}
