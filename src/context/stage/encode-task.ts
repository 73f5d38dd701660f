/** The encoder as a task of a thread pool; a profile names this file as the pool's thread. */
import { move } from "piscina";
import { encodePart, type EncodeRequest } from "./encode-part.ts";
import { releaseBuffers } from "./release-buffers.ts";

/** As `encodePart`, and hands the bytes over to the caller's thread without a copy. */
export async function encode(request: EncodeRequest): Promise<unknown> {
  const bytes = await encodePart(request);
  // They were transferred to this thread, and are nobody else's.
  releaseBuffers(request);
  return move(bytes);
}
