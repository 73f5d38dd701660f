/** The secrets port on environment variables and small files. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { HakiriError } from "../core/error.ts";
import type { SecretReference } from "../core/pipeline.ts";
import type { Secrets } from "../core/ports/secrets.ts";
import { onDisk } from "./disk-error.ts";
import { readWhole } from "./node-file.ts";

/** Most bytes of a secret in a file: a key with its chain of certificates fits. */
export const secretBytesMax = 64 * 1024;

/** Where secrets are found. */
export interface SecretPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Secrets of this run alone, by the variable that a later run reads them from. */
  readonly inline: ReadonlyMap<string, string>;
  /** Absolute; relative files begin here. */
  readonly folder: string;
  /** Told once for each file that others may read, in one line without the secret. */
  readonly warn: (line: string) => void;
}

/**
 * Secrets by `{ env }` and `{ file }`; a path may begin with `~/`. An empty value is a missing one.
 * Of a file the last line break isn't part of the secret. Besides the port's code it throws
 * Permanent `secret.not_text`, `secret.too_large`, and `disk.*` for a file that can't be read.
 */
export function systemSecrets(places: SecretPlaces): Secrets {
  const warned = new Set<string>();
  return {
    resolve: async (reference) => {
      if ("env" in reference) return fromEnvironment(reference.env, places);
      return fromFile(reference, places, warned);
    },
  };
}

function fromEnvironment(name: string, places: SecretPlaces): string {
  const own = Object.hasOwn(places.environment, name) ? places.environment[name] : undefined;
  const value = places.inline.get(name) ?? own ?? "";
  if (value !== "") return value;
  throw missing(
    `expected a secret in the environment variable ${name}, got ${own === "" ? "an empty one" : "none"}`,
    `set it and run again: export ${name}=...`,
  );
}

async function fromFile(
  reference: Extract<SecretReference, { file: string }>,
  places: SecretPlaces,
  warned: Set<string>,
): Promise<string> {
  const path = resolve(places.folder, reference.file.replace(/^~(?=\/)/u, homedir));
  const value = textOf(await bytesOf(path), path).replace(/\r?\n$/u, "");
  if (value === "") {
    throw missing(`expected a secret in the file '${path}', got an empty file`, fileHint);
  }
  if (!warned.has(path)) {
    warned.add(path);
    const { mode } = await onDisk({ deed: "look at", path }, () => stat(path));
    if ((mode & othersMayRead) !== 0) places.warn(`others may read '${path}': chmod 600 it`);
  }
  return value;
}

/** Mode bits of group and others. */
const othersMayRead = 0o044;

const fileHint = "write the secret into that file, with mode 600, and run again";

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path, secretBytesMax);
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    if (error.code === "disk.missing") {
      throw missing(`expected a secret in the file '${path}', got no file`, fileHint);
    }
    if (error.code !== "disk.too_large") throw error;
    const message = `expected a secret of at most ${secretBytesMax} bytes in '${path}', got more`;
    throw unfit("secret.too_large", message, "name the file that holds the secret alone");
  }
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const message = `expected a secret as UTF-8 in the file '${path}', got other bytes`;
    throw unfit("secret.not_text", message, "save it as UTF-8");
  }
}

function unfit(code: string, message: string, hint: string): HakiriError {
  return new HakiriError({ kind: "Permanent", code, message, hint });
}

function missing(message: string, hint: string): HakiriError {
  return new HakiriError({ kind: "AuthExpired", code: "secret.missing", message, hint });
}
