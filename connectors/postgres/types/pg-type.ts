/** The types that a server has, as its catalog describes them. */

/** One row of pg_type. */
export interface PgType {
  readonly oid: number;
  readonly name: string;
  readonly namespace: string;
  /** base, composite, domain, enum, pseudo, range, multirange */
  readonly kind: "b" | "c" | "d" | "e" | "p" | "r" | "m";
  /** pg_type.typcategory: `S` for texts, `A` for arrays. */
  readonly category: string;
  /** The item's type of a true array; 0 for anything else. */
  readonly elementOid: number;
  /** What a domain is made of; 0 for anything else. */
  readonly baseOid: number;
  /** The modifier that a domain gives to its base; -1 for none. */
  readonly baseTypmod: number;
  /** How many levels a domain over an array declares; 0 for anything else. */
  readonly baseDimensions: number;
}

/**
 * SQL that lists these types and all that they are made of: the bases of domains and the items of
 * arrays. For `readTypes`. int2vector and oidvector are no arrays here: they print differently.
 */
export function typesQuery(oids: readonly number[]): string {
  return `WITH RECURSIVE needed(oid) AS (
  SELECT pg_catalog.unnest('{${oids.map(checkedOid).join(",")}}'::pg_catalog.oid[])
  UNION
  SELECT part.oid
  FROM needed
  JOIN pg_catalog.pg_type whole ON whole.oid = needed.oid
  CROSS JOIN LATERAL (VALUES (whole.typbasetype), (whole.typelem)) AS made(oid)
  JOIN pg_catalog.pg_type part ON part.oid = made.oid
  WHERE part.oid = whole.typbasetype OR part.typarray = whole.oid
)
SELECT t.oid, t.typname, n.nspname, t.typtype, t.typcategory,
  coalesce(item.oid, 0), t.typbasetype, t.typtypmod, t.typndims
FROM needed
JOIN pg_catalog.pg_type t ON t.oid = needed.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type item ON item.oid = t.typelem AND item.typarray = t.oid
ORDER BY t.oid`;
}

/** What stands in SQL must be a number, whatever the caller's types say. */
function checkedOid(oid: number): string {
  if (Number.isInteger(oid) && oid >= 0 && oid < 2 ** 32) return String(oid);
  throw new Error(`expected an oid, got ${oid}`);
}

/** The types of the rows that `typesQuery` gave, by oid. */
export function readTypes(rows: readonly (readonly (string | null)[])[]): Types {
  return new Map(rows.map(readType).map((type) => [type.oid, type]));
}

/** Types by oid. */
export type Types = ReadonlyMap<number, PgType>;

const kinds: ReadonlySet<unknown> = new Set(["b", "c", "d", "e", "p", "r", "m"]);

function readType(row: readonly (string | null)[]): PgType {
  const [oid, name, namespace, kind, category, elementOid, baseOid, baseTypmod, levels] = row;
  if (typeof name !== "string" || !isKind(kind)) {
    throw new Error(`expected a row of pg_type, got ${JSON.stringify(row)}`);
  }
  return {
    oid: Number(oid),
    name,
    namespace: namespace ?? "",
    kind,
    category: category ?? "",
    elementOid: Number(elementOid),
    baseOid: Number(baseOid),
    baseTypmod: Number(baseTypmod),
    baseDimensions: Number(levels),
  };
}

function isKind(kind: unknown): kind is PgType["kind"] {
  return kinds.has(kind);
}

/** Domains of domains and arrays of domains end somewhere; a catalog that doesn't is damaged. */
export const typeDepthMax = 32;
