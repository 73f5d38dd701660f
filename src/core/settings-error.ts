/** What is wrong with a connector's settings, as one error: every connector says it alike. */
import { usageError, type HakiriError } from "./error.ts";
import { nearest } from "./near-miss.ts";

/** A fault that a schema found; zod's issues have this shape. */
export interface SettingsFault {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
}

/** Whose settings they are. */
export interface SettingsOwner {
  /** As in "a known setting of files". */
  readonly of: string;
  /** The names of all settings. */
  readonly known: readonly string[];
  /** The least that settings can be, as a hint. */
  readonly least: string;
}

/** `usage.unknown_key` with the nearest name, or else `usage.invalid_config` with all faults. */
export function settingsError(
  faults: readonly SettingsFault[],
  { of, known, least }: SettingsOwner,
): HakiriError {
  const unknown = faults.flatMap(({ code, path, keys = [] }) =>
    code === "unrecognized_keys" && path.length === 0 ? keys : [],
  );
  const [key] = unknown;
  if (key !== undefined) {
    const near = nearest(key, known);
    return usageError(
      "unknown_key",
      `source: expected a known setting of ${of}, got '${unknown.join("', '")}'`,
      near === null ? `known are ${known.join(", ")}` : `did you mean '${near}'?`,
    );
  }
  const texts = faults.map(({ path, message }) => `${path.join(".") || "source"}: ${message}`);
  return usageError(
    "invalid_config",
    `source: expected settings of ${of} as they are documented; ${texts.join("; ")}`,
    least,
  );
}
