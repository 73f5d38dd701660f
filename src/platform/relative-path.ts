/** Paths of the filesystem port: relative, with `/`, one spelling each, never out of the root. */
import { HakiriError } from "../core/error.ts";

/**
 * The names on a path from the root down; empty for the root itself, spelled `""` or `"."`.
 * Throws HakiriError `disk.outside_root` for an absolute path, for `..`, for a NUL character and
 * for what gives a file a second spelling: `a//b`, `a/./b`, `a/`.
 */
export function pathSegments(path: string): readonly string[] {
  if (path === "" || path === ".") return [];
  if (path.includes("\0")) throw refused(path, "a NUL character");
  if (path.startsWith("/")) throw refused(path, "an absolute path");
  const segments = path.split("/");
  const odd = segments.find((segment) => segment === "" || segment === "." || segment === "..");
  if (odd !== undefined) throw refused(path, odd === "" ? "an empty name" : `the name '${odd}'`);
  return segments;
}

/**
 * The names on a path from the root down, at least one: the root has no name that could change.
 * Throws HakiriError `disk.outside_root` as `pathSegments` does, and for the root.
 */
export function nameSegments(path: string): readonly string[] {
  const segments = pathSegments(path);
  if (segments.length === 0) throw refused(path, "the root itself");
  return segments;
}

function refused(path: string, found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "disk.outside_root",
    message: `expected a path below the root such as 'runs/a.parquet', got ${found} in ${JSON.stringify(path)}`,
    hint: "a file that names such a path is damaged or foreign: run 'hakiri doctor'",
  });
}
