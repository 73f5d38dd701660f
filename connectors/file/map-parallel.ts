/** Work on many files, a few at a time. */

/** Most files that are looked into at once. */
export const parallelFilesMax = 8;

/**
 * The answers of `work` for each item, in the order of the items. Begins no more after a failure,
 * waits for what was begun, and throws the failure of the first item in order that has one.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const index = next;
      next += 1;
      // There is an item at each index below the length.
      const item = items[index] as T;
      try {
        answers[index] = await work(item);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelFilesMax, items.length) }, worker));
  const [first] = [...failures].toSorted(([a], [b]) => a - b);
  if (first !== undefined) throw first[1];
  return answers;
}
