/**
 * What the next run reads again after a cursor was moved by hand, and what that does to the table.
 * Values are compared for equality only: their order is the source's business.
 */
import type { Json } from "../../../core/json.ts";
import type { StoredCursor } from "../../../core/cursor.ts";
import type { Disposition, PipelineSpec } from "../../../core/pipeline.ts";
import { countText } from "../../text/figures.ts";
import { fileLineName } from "../file-line-name.ts";

/** A cursor with the lines of its boundary, as far as they were read; null for none. */
export interface Position {
  readonly cursor: StoredCursor;
  /** In code unit order; empty where it has none. */
  readonly boundaryLines: readonly string[];
}

/** What the next run reads again. */
export type Rereading =
  | { readonly kind: "nothing" }
  | { readonly kind: "everything" }
  /** Rows from a value on, whether or not they were read before. */
  | { readonly kind: "from_value"; readonly column: string | null; readonly value: string | null }
  /** Input files, by name; empty names where only their number is known. */
  | { readonly kind: "files"; readonly count: number; readonly names: readonly string[] };

/** How a stream stands before and after. */
export interface StreamMove {
  readonly stream: string;
  readonly before: Position | null;
  readonly after: Position | null;
  /** After the last run that wrote rows, as far as that is known: what the table holds. */
  readonly held: Position | null;
}

/** What is read again: of what was delivered by either the cursor before or the last run. */
export function rereadingOf({ before, after, held }: StreamMove): Rereading {
  if (held === null) return rereadingSince(before, after);
  const [last, now] = [rereadingSince(held, after), rereadingSince(before, after)];
  if (last.kind === "nothing") return now;
  if (last.kind !== "files" || now.kind !== "files") return last;
  const names = [...new Set([...last.names, ...now.names])];
  return { kind: "files", count: Math.max(names.length, last.count, now.count), names };
}

function rereadingSince(before: Position | null, after: Position | null): Rereading {
  if (before === null) return { kind: "nothing" };
  if (after === null) return { kind: "everything" };
  const isSameValue = before.cursor.value === after.cursor.value;
  if (isSameValue && before.cursor.column === after.cursor.column) {
    const known = new Set(after.boundaryLines);
    const again = before.boundaryLines.filter((line) => !known.has(line));
    if (before.cursor.boundary === null || again.length === 0) return { kind: "nothing" };
    return {
      kind: "files",
      count: again.length,
      names: again.flatMap((line) => fileLineName(line) ?? []),
    };
  }
  return { kind: "from_value", column: after.cursor.column, value: after.cursor.value };
}

/**
 * How a stream's rows change its table, as far as the pipeline says: else as `ingest` would do.
 * Null for a merge where the source tells a key, and an append where it doesn't.
 */
export function dispositionOf(spec: PipelineSpec, stream: string): Disposition | null {
  const member = spec.streams.find((each) => each.stream === stream);
  if (member !== undefined && member.disposition !== null) return member.disposition;
  if (member !== undefined && member.incremental !== null) {
    return member.primaryKey.length > 0 ? "merge" : null;
  }
  return spec.connector === "file" ? "append" : "replace";
}

/** Most names of files in a text. */
const namesShownMax = 3;

/** One line about it, without a full stop. */
export function rereadingText(rereading: Rereading, disposition: Disposition | null): string {
  switch (rereading.kind) {
    case "nothing":
      return "no row is read again";
    case "everything":
      return `every row is read again; those that are in the table already ${effectOf(disposition)}`;
    case "from_value": {
      const { column, value } = rereading;
      const from =
        value === null ? "all rows" : `rows from ${column ?? "the value"} = '${value}' on`;
      return `${from} are read; those that are in the table already ${effectOf(disposition)}`;
    }
    case "files": {
      const { count, names } = rereading;
      const shown = names.slice(0, namesShownMax).map((name) => `'${name}'`);
      const rest = count - shown.length;
      const more = shown.length === 0 ? "" : `: ${shown.join(", ")}`;
      const others = rest > 0 && shown.length > 0 ? ` and ${countText(rest)} more` : "";
      const what = names.length > 0 ? "files" : "rows at the cursor's value";
      const effect = `and what they gave before ${effectOf(disposition)}`;
      return `${countText(count)} ${what} are read again, ${effect}${more}${others}`;
    }
  }
}

function effectOf(disposition: Disposition | null): string {
  switch (disposition) {
    case null:
      return "replace themselves by their key, or come a second time where the source tells none";
    case "append":
      return "come a second time";
    case "merge":
      return "replace themselves by their key";
    case "replace":
      return "replace the table as always";
  }
}

/** The same as a document. */
export function rereadingDocument(rereading: Rereading): Json {
  switch (rereading.kind) {
    case "nothing":
    case "everything":
      return { kind: rereading.kind };
    case "from_value":
      return { kind: "from_value", column: rereading.column, value: rereading.value };
    case "files":
      return { kind: "files", count: rereading.count, names: rereading.names };
  }
}
