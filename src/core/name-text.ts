/** What the names of columns and tables have in common: clean text, one bound, one equality. */

/** Most bytes of a name as UTF-8. */
export const nameBytesMax = 255;

/**
 * A source's text as a name: well-formed Unicode in NFC, control characters become `_`. Empty where
 * there is nothing but blanks. Not cut.
 */
export function nameText(text: string): string {
  const clean = text
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/\p{Cc}/gu, "_");
  return clean.trim() === "" ? "" : clean;
}

/** What two names that count as one have in common: all letters in lower case, not ASCII alone. */
export function nameKey(name: string): string {
  return name.toLowerCase().normalize("NFC");
}

/** As much of the beginning as fits into the bytes, never half a character. */
export function cutName(name: string, bytesMax: number = nameBytesMax): string {
  const { read } = new TextEncoder().encodeInto(name, new Uint8Array(bytesMax));
  return name.slice(0, read);
}
