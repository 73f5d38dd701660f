/**
 * Which settings are secrets, and how a secret is named where it isn't written. A secret's own
 * value stands in no file, catalog or digest: a setting holds `{ env = "X" }` or `{ file = ".." }`.
 */
import type { Json } from "../core/json.ts";
import type { SecretReference } from "../core/pipeline.ts";
import type { ConfigProblem, KeyPath } from "./config-problem.ts";

/** Names of settings that hold secrets, alone or after another word: `token`, `db_password`. */
export const secretFieldPattern =
  "^(?:.*[_-])?(?:password|passwd|pwd|passphrase|token|secret|api[_-]?key|" +
  "access[_-]key|secret[_-]key|private[_-]key|credentials?)$";

const secretField = new RegExp(secretFieldPattern, "iu");

/** What may stand in `{ env = ".." }`. */
export const envNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/u;

/** What may stand in `{ file = ".." }`: at most 4,096 characters, none of them a NUL. */
export const secretPathPattern = /^[^\0]{1,4096}$/u;

/** Whether a setting of this name holds a secret. */
export function isSecretField(name: string): boolean {
  return secretField.test(name);
}

/** The reference that a value is; null for any other value. */
export function asSecretReference(value: Json): SecretReference | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const [[kind, place] = [], ...more] = Object.entries(value);
  if (more.length > 0 || typeof place !== "string") return null;
  if (kind === "env") return { env: place };
  return kind === "file" ? { file: place } : null;
}

/** The variable that an inline secret of a pipeline is asked for by: `HAKIRI_SHOP_PASSWORD`. */
export function secretVariable(pipeline: string, field: string): string {
  return `HAKIRI_${pipeline}_${field}`.toUpperCase().replaceAll(/[^A-Z0-9]/gu, "_");
}

/**
 * What is wrong with the secrets of a pipeline's settings, a table at `path`: a value where a
 * reference has to be, a reference that can't be one, and credentials inside a URL.
 */
export function secretProblems(
  settings: Json,
  pipeline: string,
  path: KeyPath,
): readonly ConfigProblem[] {
  if (typeof settings !== "object" || settings === null) return [];
  // A list's members are at numbers, which `Object.entries` gives as text.
  const isList = Array.isArray(settings);
  return Object.entries(settings).flatMap(([key, value]: [string, Json]) =>
    problemsOfValue(value, pipeline, [...path, isList ? Number(key) : key]),
  );
}

function problemsOfValue(value: Json, pipeline: string, path: KeyPath): readonly ConfigProblem[] {
  const reference = asSecretReference(value);
  if (reference !== null) return referenceProblems(reference, path);
  const field = path.findLast((part) => typeof part === "string") ?? "";
  if (isSecretField(field)) return [inlineProblem(field, pipeline, path)];
  if (typeof value === "string" && hasCredentials(value)) {
    return [inlineProblem("password", pipeline, path)];
  }
  return secretProblems(value, pipeline, path);
}

/** Whether a text is a URL or a list of `key=value` that has a password or another secret. */
function hasCredentials(text: string): boolean {
  if (/^\s*[\w-]+=/u.test(text)) return text.split(/[\s;]+/u).some(isSecretPair);
  if (!/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) return false;
  // What isn't a URL but has both signs may be one whose password isn't percent-encoded.
  if (!URL.canParse(text)) return /:\/\/.*:.*@/su.test(text);
  const { protocol, username, password, searchParams } = new URL(text);
  // On the web a user without a password is a token; a database's user is no secret.
  const isToken = username !== "" && /^https?:$/u.test(protocol);
  return isToken || password !== "" || [...searchParams.keys()].some(isSecretField);
}

/** As in `host=db.example password=hunter2`. */
function isSecretPair(pair: string): boolean {
  const [name = "", ...value] = pair.split("=");
  return isSecretField(name) && value.join("") !== "";
}

function inlineProblem(field: string, pipeline: string, path: KeyPath): ConfigProblem {
  const variable = secretVariable(pipeline, field);
  return {
    code: "inline_secret",
    path,
    message: "expected no credentials in the file but a reference to them, got a value",
    hint: `write ${field} = { env = "${variable}" } and set that variable, or { file = ".." }`,
  };
}

function referenceProblems(reference: SecretReference, path: KeyPath): readonly ConfigProblem[] {
  const isFile = "file" in reference;
  const isGood = isFile
    ? secretPathPattern.test(reference.file)
    : envNamePattern.test(reference.env);
  if (isGood) return [];
  const message = isFile
    ? "expected the path of a file, got no text, 4,096 characters and more, or a NUL"
    : "expected the name of an environment variable, got other text";
  const hint = isFile ? '{ file = "secrets/password" }' : 'letters, digits and _: { env = "NAME" }';
  return [{ code: "invalid_config", path, message, hint }];
}
