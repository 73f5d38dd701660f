/**
 * Who encodes a run's parts: its own thread the first ones, so that a small run starts no other
 * thread, and then those that its order wants.
 */
import type { EncodePart } from "../../context/stage/encode-part.ts";
import type { RunLimits } from "../protocol.ts";
import type { EncodePool, RunActorMeans } from "./means.ts";

/** Parts that a run's own thread encodes before others are started. */
export const ownPartsMax = 2;

/** An encoder that starts threads when they pay, and ends them. */
export function lazyEncoders(
  { encode, startEncoders }: Pick<RunActorMeans, "encode" | "startEncoders">,
  { encodeThreads = 0 }: Pick<RunLimits, "encodeThreads">,
): EncodePool {
  if (encodeThreads === 0 || startEncoders === undefined) {
    return { encode, close: async () => undefined };
  }
  let parts = 0;
  let pool: Promise<EncodePool> | null = null;
  const later: EncodePart = async (request) => {
    pool ??= startEncoders(encodeThreads);
    return (await pool).encode(request);
  };
  return {
    encode: (request) => {
      parts += 1;
      return parts > ownPartsMax ? later(request) : encode(request);
    },
    close: async () => {
      // One that couldn't be started has failed the parts that were meant for it.
      const started = await pool?.catch(() => null);
      await started?.close();
    },
  };
}
