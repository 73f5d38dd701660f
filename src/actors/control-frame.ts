/** Control messages as bytes, so that their size is known before they cross a process. */
import { deserialize, serialize } from "node:v8";
import { messageTooBig } from "./actor-error.ts";
import { controlBytesMax, type FromExecutor, type ToExecutor } from "./protocol.ts";

/** A message as bytes. Throws `actor.message_too_big` beyond `controlBytesMax`. */
export function encodeControl(message: ToExecutor | FromExecutor): Uint8Array {
  const frame = serialize(message);
  if (frame.byteLength > controlBytesMax) throw messageTooBig(frame.byteLength, controlBytesMax);
  return frame;
}

/** The message of bytes that this process was sent by its control process. */
export function decodeToExecutor(frame: unknown): ToExecutor {
  return decode(frame) as ToExecutor; // both processes are of one release
}

/** The message of bytes that an executor of this process sent. */
export function decodeFromExecutor(frame: unknown): FromExecutor {
  return decode(frame) as FromExecutor; // both processes are of one release
}

/** Only the other process writes to the channel, and it is ours. */
function decode(frame: unknown): unknown {
  if (!(frame instanceof Uint8Array)) throw new Error(`expected bytes, came ${typeof frame}`);
  return deserialize(frame);
}
