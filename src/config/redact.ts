/** Takes secrets out of texts that leave the process: errors, logs, traces, answers. */

import { isSecretField } from "./secret-field.ts";

/** What stands where a secret was. */
const mask = "***";

/**
 * The text with every secret masked, however short, also where it is percent-encoded or escaped as
 * in JSON. Empty secrets are none.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  const forms = new Set([...secrets].flatMap(formsOf).filter((form) => form !== ""));
  if (forms.size === 0) return text;
  // The longest first: a secret may begin with another one.
  const alternatives = [...forms]
    .toSorted((a, b) => b.length - a.length)
    .map((form) => RegExp.escape(form));
  return text.replaceAll(new RegExp(alternatives.join("|"), "gu"), mask);
}

function formsOf(secret: string): readonly string[] {
  const wellFormed = secret.toWellFormed();
  const encoded = encodeURIComponent(wellFormed);
  const lowered = encoded.replaceAll(/%[0-9A-F]{2}/gu, (code) => code.toLowerCase());
  return [wellFormed, encoded, lowered, JSON.stringify(wellFormed).slice(1, -1)];
}

/**
 * A URI, or what was meant to be one, without user info and without the values of parameters that
 * are named like secrets: for errors over text that could not be parsed. Rather masks too much.
 */
export function maskUri(text: string): string {
  return text
    .replace(/(?<before>\/\/|:(?!\/\/)).*@/su, `$<before>${mask}@`)
    .replaceAll(/(?<=[?&;])(?<name>[^=&;#]*)=[^&;#]*/gu, (pair, name: string) =>
      isSecretField(name) ? `${name}=${mask}` : pair,
    );
}
