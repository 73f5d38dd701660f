/**
 * How a table calls its columns. Names are as in the source, and where that can't be:
 *
 * - Text: well-formed NFC, control characters become `_`, at most 255 bytes. A name without
 *   anything but blanks becomes `column_N` by its place in the source, from 1.
 * - `naming = snake_case` spells them so, by the same rules after.
 * - A name with hakiri's own prefix, or `_hakiri` alone, gets `source` before it:
 *   `source_hakiri_run_id`.
 * - Names are unique without regard to case: of those that collide the first in source order keeps
 *   its name, the others are numbered, `id`, `Id_2`. A number never makes a name that a
 *   column of the table or another one of the source has.
 * - A column that the table has keeps its name for ever: it is known by the source's exact name,
 *   and where the source has that name more than once, by which one it is.
 */
import { cutName, nameBytesMax, nameKey, nameText } from "./name-text.ts";
import { reservedPrefix, type Naming } from "./schema.ts";
import { snakeCase } from "./snake-case.ts";

/** A column that has its name. */
export interface NamedColumn {
  readonly name: string;
  readonly sourceName: string;
}

/** What a column of the source is in the table: one that was there, or one with a new name. */
export type ColumnMatch<C extends NamedColumn> =
  | { readonly kind: "existing"; readonly column: C }
  | { readonly kind: "new"; readonly name: string };

/** Finds or names the column of each source name, in their order. */
export function matchColumns<C extends NamedColumn>(
  sourceNames: readonly string[],
  existing: readonly C[],
  naming: Naming,
): readonly ColumnMatch<C>[] {
  const found = findExisting(sourceNames, existing);
  const wanted = sourceNames.map((sourceName, index) =>
    found[index] === undefined ? wantedName(sourceName, index, naming) : null,
  );
  const names = new Names(existing, wanted);
  return found.map((column, index) => {
    if (column !== undefined) return { kind: "existing", column };
    return { kind: "new", name: names.take(wanted[index] ?? "") };
  });
}

function findExisting<C extends NamedColumn>(
  sourceNames: readonly string[],
  existing: readonly C[],
): readonly (C | undefined)[] {
  const waiting = Map.groupBy(existing, (column) => column.sourceName);
  for (const columns of waiting.values()) columns.reverse();
  return sourceNames.map((sourceName) => waiting.get(sourceName)?.pop());
}

/** What a column would be called if it were alone. */
function wantedName(sourceName: string, index: number, naming: Naming): string {
  const text = nameText(sourceName);
  const spelled = naming === "snake_case" ? snakeCase(text) : text;
  if (spelled === "") return `column_${index + 1}`;
  // A name that lacks but the last underscore would get it back with a number.
  const isReserved = `${nameKey(spelled)}_`.startsWith(reservedPrefix);
  return cutName(isReserved ? `source${spelled}` : spelled);
}

/** The names of a table as they are handed out. */
class Names {
  readonly #taken: Set<string>;
  readonly #wanted: ReadonlySet<string>;
  /** The next number to try for a name, so that many equal ones don't each start from 2. */
  readonly #nextNumber = new Map<string, number>();

  constructor(existing: readonly NamedColumn[], wanted: readonly (string | null)[]) {
    this.#taken = new Set(existing.map((column) => nameKey(column.name)));
    this.#wanted = new Set(wanted.flatMap((name) => (name === null ? [] : [nameKey(name)])));
  }

  take(wanted: string): string {
    const name = this.#taken.has(nameKey(wanted)) ? this.#numbered(wanted) : wanted;
    this.#taken.add(nameKey(name));
    return name;
  }

  /** Ends: each number that is passed over is a name of the table or of the source. */
  #numbered(wanted: string): string {
    const first = this.#nextNumber.get(nameKey(wanted)) ?? 2;
    for (let number = first; ; number += 1) {
      const ending = `_${number}`;
      const name = cutName(wanted, nameBytesMax - ending.length) + ending;
      if (this.#taken.has(nameKey(name)) || this.#wanted.has(nameKey(name))) continue;
      this.#nextNumber.set(nameKey(wanted), number + 1);
      return name;
    }
  }
}
