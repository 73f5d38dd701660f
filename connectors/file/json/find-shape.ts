/** How a JSON file holds its rows, by its first characters. */

/** What is read by DuckDB as it is, and what is cut into lines before. */
export type JsonShape =
  | { readonly kind: "array" | "lines" | "documents" }
  | { readonly kind: "cut"; readonly rows: "items" | "one" }
  /** No row at all. */
  | { readonly kind: "empty" }
  /** A text, number, truth or null alone. */
  | { readonly kind: "scalar" };

/** What the settings say. */
export interface ShapeSettings {
  readonly isLines: boolean;
  readonly pointer: string;
  readonly rows: "auto" | "items" | "one";
}

/** Finds the shape. Null where the text, which goes on, is too short to tell. */
export function findShape(
  { text, isWhole }: { readonly text: string; readonly isWhole: boolean },
  { isLines, pointer, rows }: ShapeSettings,
): JsonShape | null {
  const trimmed = text.trimStart();
  if (trimmed === "") return isWhole ? { kind: "empty" } : null;
  if (isLines) return { kind: "lines" };
  if (pointer !== "") return { kind: "cut", rows: rows === "one" ? "one" : "items" };
  if (trimmed.startsWith("[")) return rows === "one" ? cut("one") : arrayShape(trimmed, isWhole);
  if (!trimmed.startsWith("{")) return { kind: "scalar" };
  if (rows === "items") return cut("items");
  return objectShape(trimmed);
}

function cut(rows: "items" | "one"): JsonShape {
  return { kind: "cut", rows };
}

/** DuckDB reads lists of objects; other items become objects first. */
function arrayShape(text: string, isWhole: boolean): JsonShape | null {
  const inner = text.slice(1).trimStart();
  if (inner === "") return isWhole ? { kind: "array" } : null;
  if (inner.startsWith("]") && isWhole && inner.trimEnd() === "]") return { kind: "empty" };
  return inner.startsWith("{") ? { kind: "array" } : cut("items");
}

/**
 * One object a line is read in parallel; an object over several lines is not lines. One object
 * alone is a document in either case, so that files of one are read alike however they are spelled.
 */
function objectShape(text: string): JsonShape {
  const end = text.indexOf("\n");
  const isFollowed = end !== -1 && text.slice(end).trimStart() !== "";
  return { kind: isFollowed && isObject(text.slice(0, end)) ? "lines" : "documents" };
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
