/** The `snake_case` naming rule. */

/** Where a word begins without a separator: `userId` before the I, `HTTPServer` before the S. */
const wordStart = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu;
const separators = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * Words in lower case with one `_` between them: `userId`, `User ID` and `user-id` become
 * `user_id`. Letters of every script stay. A leading underscore stays as one (`_id`), so that it
 * doesn't meet `id`. Empty where there is no letter or digit.
 */
export function snakeCase(text: string): string {
  const words = text
    .replaceAll(wordStart, "_")
    .toLowerCase()
    .replaceAll(separators, "_")
    .replaceAll(/^_|_$/gu, "")
    .normalize("NFC");
  return words !== "" && text.startsWith("_") ? `_${words}` : words;
}
