/** A stream of the process as an output of the command line. */
import { HakiriError } from "../core/error.ts";
import type { Output } from "./program.ts";

/** What is needed of a stream; `process.stdout` has it. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(piece: string | Uint8Array, done: (error?: Error | null) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** An output that throws `output.failed` where a piece can't be written, unless the reader left. */
export function answerOutput(stream: TextStream): Output {
  return outputOn(stream, (error) => {
    throw new HakiriError(
      {
        kind: "Permanent",
        code: "output.failed",
        message: `expected stdout to take the answer, got: ${error.message}`,
        hint: "check the disk or the program that the output goes to",
      },
      { cause: error },
    );
  });
}

/** An output that never throws: where it can't be written to, nobody is told. */
export function messageOutput(stream: TextStream): Output {
  return outputOn(stream, () => undefined);
}

function outputOn(stream: TextStream, fail: (error: Error) => void): Output {
  let isGone = false;
  // Every failure comes to its write as well; without a listener it would end the process.
  stream.on("error", () => undefined);
  const isTty = stream.isTTY === true;
  return {
    isTty,
    columns: () => (isTty ? (stream.columns ?? null) : null),
    write: async (piece) => {
      if (isGone) return false;
      const error = await new Promise<Error | null | undefined>((resolve) => {
        stream.write(piece, resolve);
      });
      if (error === undefined || error === null) return true;
      isGone = true;
      if (!isClosedPipe(error)) fail(error);
      return false;
    },
  };
}

/** A reader that went away (`hakiri ... | head`) is no failure. */
function isClosedPipe(error: Error): boolean {
  return "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
}
