/** Names of a file's columns, each exactly once: by them scans pick their fields. */

/**
 * The names with each that is blank made of its place from 1, `column_3`, and each that repeats
 * numbered around those that are there, `id_2`. In another case it is another name.
 */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const wanted = names.map((name, index) => (name.trim() === "" ? `column_${index + 1}` : name));
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
