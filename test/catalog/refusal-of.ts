/** The code that a catalog refuses with, to look at nothing else of an error. */
import { HakiriError } from "../../src/core/error.ts";

/** The code of the error that the work ends in, which must be a `HakiriError`. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was refused",
    (error: unknown) => {
      if (error instanceof HakiriError) return error.code;
      throw error;
    },
  );
}
