// Takes a failure into the hand at once, so that it may be looked at later than it happens.

/** What `promise` rejects with; rejects itself where that is fulfilled. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a failure, came ${String(value)}`);
}
