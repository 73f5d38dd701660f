/** Headers of files that differ from those of others in case only. */
import { nameKey } from "./name-text.ts";
import type { Scan } from "./scan.ts";
import type { TableSchema } from "./schema.ts";
import type { Field } from "./type.ts";

/**
 * The names as they are known, where they differ in case only: of a name that is known in one
 * spelling, and stands here in one other. All others stay as they are.
 */
export function respell(names: readonly string[], known: readonly string[]): readonly string[] {
  const knownByKey = Map.groupBy(new Set(known), nameKey);
  const byKey = Map.groupBy(names, nameKey);
  return names.map((name) => {
    const [only = name, ...others] = knownByKey.get(nameKey(name)) ?? [];
    const isAlone = byKey.get(nameKey(name))?.length === 1;
    return others.length === 0 && isAlone ? only : name;
  });
}

/** A scan of CSV with its columns named as the table knows them; any other one as it is. */
export function respellScan(scan: Scan, table: TableSchema | null): Scan {
  if (scan.kind !== "csv" || table === null) return scan;
  const fileFields = respellFields(scan.fileFields, table);
  const spelled = new Map(
    scan.fileFields.map(({ name }, place) => [name, fileFields[place]?.name ?? name]),
  );
  const spell = (name: string): string => spelled.get(name) ?? name;
  return {
    ...scan,
    fileFields,
    fields: scan.fields.map((field) => ({ ...field, name: spell(field.name) })),
    ...(scan.rounded !== undefined && { rounded: scan.rounded.map(spell) }),
  };
}

/** The fields under the names that the table knows them by. */
export function respellFields(fields: readonly Field[], table: TableSchema): readonly Field[] {
  const names = respell(
    fields.map(({ name }) => name),
    table.columns.map(({ sourceName }) => sourceName),
  );
  return fields.map((field, place) => ({ ...field, name: names[place] ?? field.name }));
}
