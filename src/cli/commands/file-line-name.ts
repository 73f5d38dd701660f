/** The file that a line of a boundary is about: connectors of files write JSON with its name. */

/** The name; null for a line of another kind. */
export function fileLineName(line: string): string | null {
  try {
    const parsed: unknown = JSON.parse(line);
    const isObject = typeof parsed === "object" && parsed !== null && "name" in parsed;
    return isObject && typeof parsed.name === "string" ? parsed.name : null;
  } catch {
    return null;
  }
}
