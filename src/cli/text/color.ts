/** Whether colours are wanted on a stream. */

/**
 * From strongest to weakest: `--no-color`, NO_COLOR (no-color.org), FORCE_COLOR (force-color.org,
 * where 0 means none), TERM=dumb, and whether it is a terminal. Empty variables count as absent.
 */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTty: boolean; readonly noColor: boolean },
): boolean {
  if (stream.noColor || isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return stream.isTty && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
