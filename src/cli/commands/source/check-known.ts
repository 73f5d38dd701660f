/** Streams that are named on the command line are streams that there are. */
import { usageError } from "../../../core/error.ts";
import { nearest } from "../../../core/near-miss.ts";

/** Throws Permanent `usage.unknown_stream` for the first of the wanted that isn't known. */
export function checkKnown(wanted: readonly string[], known: readonly string[]): void {
  const name = wanted.find((each) => !known.includes(each));
  if (name === undefined) return;
  const meant = nearest(name, known);
  throw usageError(
    "unknown_stream",
    `expected a stream of the source, got '${name}'`,
    meant === null
      ? `one of: ${known.slice(0, 20).join(", ") || "none, the source is empty"}`
      : `did you mean '${meant}'?`,
  );
}
