/** The statement of a query: as it was typed, or piped in where it is `-`. */
import { usageError } from "../../../core/error.ts";
import type { CommandContext } from "../../command.ts";

/** Most bytes of a statement that is piped in; the query face takes fewer characters. */
export const sqlBytesMax = 1024 * 1024;

/** Reads it. Throws `usage.no_input`, `usage.too_large` and `usage.not_utf8`. */
export async function readSql(
  typed: string,
  { input, signal }: Pick<CommandContext, "input" | "signal">,
): Promise<string> {
  if (typed !== "-") return typed;
  if (input === undefined) {
    throw usageError(
      "no_input",
      "expected SQL on standard input for '-', but there is none here",
      "type the statement instead of '-'",
    );
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of input()) {
    signal.throwIfAborted();
    bytes += piece.byteLength;
    if (bytes > sqlBytesMax) {
      throw usageError(
        "too_large",
        `expected at most ${sqlBytesMax} bytes of SQL on standard input, got more`,
        "pipe in one statement; rows come in by 'hakiri ingest'",
      );
    }
    // A copy: who sends a piece may use its buffer again.
    pieces.push(Uint8Array.from(piece));
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw usageError("not_utf8", "expected UTF-8 on standard input, got other bytes", "");
  }
}
