/** Which types have an order that a read can go on by: that of their exact texts or numbers. */
import { typeDepthMax, type PgType, type Types } from "./pg-type.ts";

const ordered: ReadonlySet<string> = new Set(
  "int2 int4 int8 oid date timestamp timestamptz uuid text varchar name".split(" "),
);

/**
 * Whether values that the server takes for equal are the same, and come as they are ordered there:
 * citext's differ in case, those of money come as texts and are ordered as numbers. A numeric must
 * have become a decimal for it, which the caller knows.
 */
export function ordersReads(oid: number, typmod: number, types: Types): boolean {
  const { type, modifier } = baseOf(oid, typmod, types);
  if (type?.namespace !== "pg_catalog" || type.kind !== "b") return false;
  // Without a length it keeps blanks that don't count.
  if (type.name === "bpchar") return modifier >= 0;
  return type.name === "numeric" || ordered.has(type.name);
}

function baseOf(
  oid: number,
  typmod: number,
  types: Types,
): { readonly type: PgType | undefined; readonly modifier: number } {
  let type = types.get(oid);
  let modifier = typmod;
  for (let depth = 0; type?.kind === "d" && depth < typeDepthMax; depth += 1) {
    if (type.baseTypmod >= 0) modifier = type.baseTypmod;
    type = types.get(type.baseOid);
  }
  return { type, modifier };
}
