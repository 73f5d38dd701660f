/** What a table of files should be, worked out from contents alone, in the plainest way. */
import type { ChangeRules } from "../../connectors/file/change/plan-files.ts";
import type { Disposition } from "../../src/core/pipeline.ts";

/** The rules of a pipeline of files. */
export interface FileRules extends ChangeRules {
  readonly disposition: Disposition;
}

/** A row `key,value` with the name that its file had. */
export interface ModelRow {
  readonly file: string;
  readonly text: string;
}

/** What a run did. */
export interface ModelCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

type Content = readonly string[] | null;

/** What becomes of one file. */
interface Decision {
  readonly file: string;
  readonly now: Content;
  /** The gone file whose content this one has. */
  readonly old: string | null;
  readonly does: "read" | "rename";
}

/** What one step of a run journals. */
interface Staged {
  readonly supersedes: readonly string[];
  readonly rows: readonly ModelRow[];
}

/** The table, and the run that is under way. */
export class FilesModel {
  table: readonly ModelRow[] = [];
  readonly #rules: FileRules;
  /** The content that each name was last known with, as of the last commit. */
  #committed: ReadonlyMap<string, Content> = new Map();
  /** The same with what the run under way has read. */
  #known = new Map<string, Content>();
  /** Null between runs. */
  #staged: Staged[] | null = null;
  #hasCursor = false;

  constructor(rules: FileRules) {
    this.#rules = rules;
  }

  /** Whether a run without a file is none of a mistake. */
  get mayRunOnNothing(): boolean {
    if (!this.#hasCursor) return false;
    return this.#rules.disposition === "replace" ? this.#staged !== null : this.#committed.size > 0;
  }

  /** A run that is ended after so many scans, or commits: then what it did. */
  run(present: ReadonlyMap<string, Content>, scansMax: number): ModelCounts | null {
    const isNew = this.#staged === null;
    if (isNew && this.#rules.disposition === "replace") this.#known = new Map();
    const gone = [...this.#known.keys()].filter((known) => !present.has(known)).toSorted();
    const decisions = this.#decide(present, gone);
    const scans = decisions.filter(({ does, now }) => does === "read" && hasRows(now));
    const isCut = scans.length >= scansMax;
    // Nothing was journaled.
    if (isCut && scansMax === 0) {
      if (isNew) this.#known = new Map(this.#committed);
      return null;
    }
    this.#staged ??= [];
    for (const decision of decisions) if (decision.does === "rename") this.#rename(decision);
    for (const decision of scans.slice(0, scansMax)) this.#read(decision);
    if (isCut) return null;
    for (const decision of decisions) {
      if (decision.does === "read" && !hasRows(decision.now)) this.#read(decision);
    }
    if (this.#rules.onMissing === "delete") {
      this.#staged.push({ supersedes: gone, rows: [] });
      for (const known of gone) this.#known.delete(known);
    }
    return this.#commit(this.#staged);
  }

  #decide(present: ReadonlyMap<string, Content>, gone: readonly string[]): readonly Decision[] {
    const moved = this.#rules.onMissing === "keep" ? [...gone] : [];
    const files = [...present].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return files.flatMap(([file, now]): readonly Decision[] => {
      if (this.#known.has(file) && isSame(this.#known.get(file), now)) return [];
      const from = moved.findIndex((known) => now !== null && isSame(this.#known.get(known), now));
      const old = from === -1 ? null : (moved.splice(from, 1)[0] ?? null);
      const isKept = old !== null && this.#rules.onChange === "append";
      return [{ file, now, old, does: isKept ? "rename" : "read" }];
    });
  }

  #read({ file, now, old }: Decision): void {
    const own = this.#known.has(file) && this.#rules.onChange === "replace" ? [file] : [];
    const supersedes = old === null ? own : [...own, old];
    this.#staged?.push({ supersedes, rows: (now ?? []).map((text) => ({ file, text })) });
    if (old !== null) this.#known.delete(old);
    this.#known.set(file, now);
  }

  #rename({ file, now, old }: Decision): void {
    if (old !== null) this.#known.delete(old);
    this.#known.set(file, now);
  }

  #commit(staged: readonly Staged[]): ModelCounts {
    const alive = staged.flatMap(({ rows }, index) => {
      const later = staged.slice(index + 1).flatMap(({ supersedes }) => supersedes);
      return rows.filter(({ file }) => !later.includes(file));
    });
    const { disposition } = this.#rules;
    const before = this.table;
    const gone = new Set(staged.flatMap(({ supersedes }) => supersedes));
    const stays = (file: string): boolean => disposition !== "replace" && !gone.has(file);
    const kept = before.filter(({ file }) => stays(file));
    this.#staged = null;
    this.#committed = new Map(this.#known);
    this.#hasCursor = true;
    if (disposition !== "merge") {
      this.table = [...kept, ...alive];
      return { inserted: alive.length, updated: 0, deleted: before.length - kept.length };
    }
    const byKey = new Map([...kept, ...alive].map((row) => [keyOf(row), row]));
    this.table = [...byKey.values()];
    const keysBefore = new Set(before.map(keyOf));
    const keysRead = new Set(alive.map(keyOf));
    return {
      inserted: keysRead.difference(keysBefore).size,
      updated: keysRead.intersection(keysBefore).size,
      deleted: [...keysBefore].filter((key) => !byKey.has(key)).length,
    };
  }
}

function keyOf({ text }: ModelRow): string {
  return text.split(",")[0] ?? "";
}

function isSame(a: Content | undefined, b: Content): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function hasRows(content: Content): boolean {
  return content !== null && content.length > 0;
}
