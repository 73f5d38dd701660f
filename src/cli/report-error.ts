/** A failure as it is told: a message on stderr, a document on stdout, an exit code. */
import { HakiriError, toHakiriError, type ErrorWhere } from "../core/error.ts";
import { wantsColor } from "./text/color.ts";
import { errorDocument } from "./error-document.ts";
import { exitCodeOf, exitDefect, exitInterrupted } from "./exit-code.ts";
import type { GlobalValues } from "./arguments/global-options.ts";
import type { Terminal } from "./program.ts";
import { visibleLines, visibleText } from "./text/visible-text.ts";

/** What a failure is reported to. */
export interface ReportContext {
  readonly terminal: Terminal;
  /** As far as they are known: arguments may not have been understood. */
  readonly globals: Partial<GlobalValues>;
  /** Whether stdout carries a part of an answer already, so that no document may follow. */
  readonly hasBegun: boolean;
}

/** Tells a failure and returns its exit code. Doesn't throw. */
export async function reportError(error: unknown, context: ReportContext): Promise<number> {
  const { terminal, globals, hasBegun } = context;
  const failure = failureOf(error, terminal.signal);
  const document = JSON.stringify({ error: errorDocument(failure) });
  if (globals.json === true && !hasBegun) {
    // Where stdout is what failed, stderr and the exit code still tell.
    await terminal.out.write(`${document}\n`).catch(() => false);
  }
  await tellError(failure, context);
  const exitCode = exitCodeOf(failure);
  // After an interrupt whatever failed on the way out is told, but the caller knows why it ended.
  return terminal.signal.aborted && exitCode !== exitDefect ? exitInterrupted : exitCode;
}

/** Tells an error on stderr, as a line of JSON where progress is that. Doesn't throw. */
export async function tellError(
  error: HakiriError,
  context: Omit<ReportContext, "hasBegun">,
): Promise<void> {
  const { terminal, globals } = context;
  const event = { type: "error", error: errorDocument(error) };
  const isEvent = globals.progress === "json";
  await terminal.err.write(isEvent ? `${JSON.stringify(event)}\n` : errorText(error, context));
}

function failureOf(error: unknown, signal: AbortSignal): HakiriError {
  const isAbort =
    error === signal.reason || (error instanceof Error && error.name === "AbortError");
  if (!signal.aborted || !isAbort || error instanceof HakiriError) return toHakiriError(error);
  const code = "interrupted.aborted";
  return new HakiriError({ kind: "Permanent", code, message: "interrupted", hint: "" });
}

function errorText(
  error: HakiriError,
  { terminal, globals }: Omit<ReportContext, "hasBegun">,
): string {
  const { err, env } = terminal;
  const isColored = wantsColor(env, { isTty: err.isTty, noColor: globals.noColor === true });
  const name = isColored ? "\u001b[1;31mhakiri:\u001b[0m" : "hakiri:";
  const lines = [`${name} ${visibleLines(error.message)}`];
  const where = whereText(error.where);
  if (where !== "") lines.push(`  in ${where}`);
  if (error.hint !== "") lines.push(`  ${visibleLines(error.hint)}`);
  if (env["HAKIRI_DEBUG"] === "1") lines.push(visibleLines(error.stack ?? "no stack is known"));
  return lines.map((line) => `${line}\n`).join("");
}

function whereText(where: ErrorWhere): string {
  const parts = Object.entries(where).map(([name, value]) => `${name} ${value}`);
  return visibleText(parts.join(", "));
}
