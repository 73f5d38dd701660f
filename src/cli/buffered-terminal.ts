/** A terminal that keeps what is written, for a host that answers with it. */
import { HakiriError } from "../core/error.ts";
import type { Output, Terminal } from "./program.ts";

/** A terminal and what was written to it. */
export interface BufferedTerminal {
  readonly terminal: Terminal;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/**
 * A terminal without a screen. What stdout holds beyond `bytesMax` fails the command with
 * `output.too_large`; what stderr holds beyond it is dropped.
 */
export function bufferedTerminal(
  settings: Pick<Terminal, "env" | "cwd" | "signal" | "clock"> & { readonly bytesMax: number },
): BufferedTerminal {
  const out = bufferOutput(settings.bytesMax, () => {
    const message = `expected an answer of at most ${settings.bytesMax} bytes, got more`;
    const hint = "ask for less, for example with a LIMIT";
    throw new HakiriError({ kind: "Permanent", code: "output.too_large", message, hint });
  });
  const err = bufferOutput(settings.bytesMax, () => false);
  return {
    terminal: { ...settings, out: out.output, err: err.output },
    stdout: out.text,
    stderr: err.text,
  };
}

function bufferOutput(
  bytesMax: number,
  refuse: () => boolean,
): { readonly output: Output; readonly text: () => string } {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const write = async (piece: string | Uint8Array): Promise<boolean> => {
    // A copy: who writes bytes may use their buffer again.
    const bytes = Buffer.from(piece);
    if (size + bytes.length > bytesMax) return refuse();
    size += bytes.length;
    pieces.push(bytes);
    return true;
  };
  const output = { write, isTty: false, columns: () => null };
  return { output, text: () => Buffer.concat(pieces).toString("utf8") };
}
