/** What a stream of files is called: the table that `ingest ./orders.csv` makes. */

const compressions = /\.(?:gz|gzip|zst|zstd)$/iu;
const formats = /\.(?:csv|tsv|psv|txt|json|jsonl|ndjson|geojson|parquet|pq)$/iu;
const patternEnding = /\.(?:\*|\{[^{}]*\})$/u;
const patternTokens = /\*+|\?|\[[^\]]*\]|\{[^{}]*\}/gu;

/** What names a stream. */
export interface StreamFiles {
  /** Absolute path of the file, or absolute pattern. */
  readonly path: string;
  readonly isPattern: boolean;
  /** JSON pointer into each file; empty for the whole. */
  readonly pointer: string;
}

/**
 * The first of these that has a letter or digit, everything else in it as `_`, in the source's
 * case:
 *
 * 1. the last word of the pointer: `x.json#/packages` is `packages`, `x.json#/pages/0` is `pages`;
 * 2. the file's name without endings of format and compression: `orders.csv.gz` is `orders`; of a
 *    pattern without what varies: `orders-*.csv` is `orders`;
 * 3. the names of the folders above it, the nearest first: `orders/*.csv` is `orders`;
 * 4. `files`.
 *
 * A name that doesn't begin with a letter gets `t_` before it, so that SQL needs no quotes.
 */
export function fileStreamName(files: StreamFiles): string {
  const words = files.pointer.split("/").slice(1).map(pointerWord).toReversed();
  const segments = files.path.split("/").toReversed();
  const named = segments.map((segment, index) => stem(segment, index === 0, files.isPattern));
  const found = [...words.filter((word) => !/^\d+$/u.test(word)), ...named]
    .map(slug)
    .find((name) => name !== "");
  if (found === undefined) return "files";
  return /^[\p{N}\p{M}]/u.test(found) ? `t_${found}` : found;
}

/** RFC 6901, 4. */
function pointerWord(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

function stem(segment: string, isLast: boolean, isPattern: boolean): string {
  const bare = isLast ? withoutEndings(segment, isPattern) : segment;
  return isPattern ? bare.replaceAll(patternTokens, "_") : bare;
}

function withoutEndings(name: string, isPattern: boolean): string {
  const open = isPattern ? name.replace(patternEnding, "") : name;
  return open.replace(compressions, "").replace(formats, "");
}

function slug(words: string): string {
  return words
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, "");
}
