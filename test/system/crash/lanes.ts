/** Work side by side: each lane takes the next piece once it is done with its last. */

/** Does all pieces, `lanes` at a time; the first failure ends all lanes and is thrown. */
export async function inLanes<T>(
  lanes: number,
  pieces: Iterable<T>,
  work: (piece: T) => Promise<void>,
): Promise<void> {
  const left = pieces[Symbol.iterator]();
  let failure: { readonly error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    while (failure === null) {
      const next = left.next();
      if (next.done === true) return;
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  // Set by the lanes, which the compiler doesn't see.
  const failed = failure as { readonly error: unknown } | null;
  if (failed !== null) throw failed.error;
}
