/** The names of a CSV file's columns, each exactly once. */

/**
 * Names for `width` columns, from the header's fields or from none. An empty one, and what the
 * header is short of, becomes `column_N` by its place from 1; a repeated one is numbered, `id_2`.
 */
export function headerNames(header: readonly string[] | null, width: number): readonly string[] {
  const told = header ?? [];
  const wanted = Array.from({ length: Math.max(width, told.length) }, (_, index) => {
    const name = told[index] ?? "";
    return name.trim() === "" ? `column_${index + 1}` : name;
  });
  const reserved = new Set(wanted);
  const taken = new Set<string>();
  // The next number of each name, so that many equal ones don't each count from 2.
  const numbers = new Map<string, number>();
  return wanted.map((name) => {
    let unique = name;
    while (taken.has(unique)) {
      const number = numbers.get(name) ?? 2;
      numbers.set(name, number + 1);
      const numbered = `${name}_${number}`;
      if (!reserved.has(numbered)) unique = numbered;
    }
    taken.add(unique);
    return unique;
  });
}
