/** Any changes between any runs leave what a naive model says of the files. */
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChangeRules } from "../../../connectors/file/change/plan-files.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { FileTable, testSource } from "./file-table.ts";

const names = ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"] as const;
const name = fc.constantFrom(...names);

/** Few contents, so that they meet; null is an empty file, "" a header alone. */
const content = fc.constantFrom(null, "", "1,a", "2,b", "3,c\n4,d");

type Step =
  | { readonly type: "write"; readonly name: string; readonly content: string | null }
  | { readonly type: "touch"; readonly name: string; readonly ageMs: number }
  | { readonly type: "remove"; readonly name: string }
  | { readonly type: "rename" | "copy" | "swap"; readonly name: string; readonly to: string }
  /** Reads on; `scans` is null for a whole run, else a crash comes after so many. */
  | { readonly type: "run"; readonly scans: number | null };

const run = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ type: "run", scans: null } as const) },
  fc.record({ type: fc.constant("run" as const), scans: fc.nat(3) }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("write" as const), name, content }) },
  fc.record({ type: fc.constant("touch" as const), name, ageMs: fc.nat(10_000_000) }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant("remove" as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom("rename", "copy", "swap"), name, to: name }),
  },
  { weight: 4, arbitrary: run },
);

function textOf(rows: string | null): string {
  if (rows === null) return "";
  return rows === "" ? "id,n\n" : `id,n\n${rows}\n`;
}

async function change(folder: string, done: Exclude<Step, { type: "run" }>): Promise<void> {
  const path = join(folder, done.name);
  const present = new Set(await readdir(folder));
  if (done.type === "write") return writeFile(path, textOf(done.content));
  if (!present.has(done.name)) return;
  if (done.type === "remove") return rm(path);
  if (done.type === "touch") {
    const at = new Date(Date.now() - done.ageMs);
    return utimes(path, at, at);
  }
  const to = join(folder, done.to);
  if (done.name === done.to) return;
  if (done.type === "copy") return copyFile(path, to);
  if (done.type === "swap" && present.has(done.to)) {
    await rename(to, `${to}.swapped`);
    await rename(path, to);
    return rename(`${to}.swapped`, path);
  }
  return rename(path, to);
}

/** What becomes of one file. */
interface Decision {
  readonly file: string;
  readonly now: string | null;
  /** The gone file whose content this one has. */
  readonly old: string | null;
  readonly does: "read" | "rename";
}

/** What the table should be, from the contents alone. */
class Model {
  readonly #rules: ChangeRules;
  /** The content that each name was last known with. */
  readonly #known = new Map<string, string | null>();
  /** Rows by the name that they came under. */
  readonly rows = new Map<string, string[]>();

  constructor(rules: ChangeRules) {
    this.#rules = rules;
  }

  /** A run that ends after so many scans, or by itself if it has fewer. */
  run(present: ReadonlyMap<string, string | null>, scansMax: number): void {
    const gone = [...this.#known.keys()].filter((known) => !present.has(known)).toSorted();
    const decisions = this.#decide(present, gone);
    const scans = decisions.filter(({ does, now }) => does === "read" && hasRows(now));
    const isCut = scans.length >= scansMax;
    // Nothing was journaled.
    if (isCut && scansMax === 0) return;
    for (const decision of decisions) if (decision.does === "rename") this.#rename(decision);
    for (const decision of scans.slice(0, scansMax)) this.#read(decision);
    if (isCut) return;
    for (const decision of decisions) {
      if (decision.does === "read" && !hasRows(decision.now)) this.#read(decision);
    }
    if (this.#rules.onMissing === "delete") for (const known of gone) this.#forget(known);
  }

  #decide(
    present: ReadonlyMap<string, string | null>,
    gone: readonly string[],
  ): readonly Decision[] {
    const moved = this.#rules.onMissing === "keep" ? [...gone] : [];
    const files = [...present].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return files.flatMap(([file, now]): readonly Decision[] => {
      if (this.#known.has(file) && this.#known.get(file) === now) return [];
      const from = moved.findIndex((known) => now !== null && this.#known.get(known) === now);
      const old = from === -1 ? null : (moved.splice(from, 1)[0] ?? null);
      const isKept = old !== null && this.#rules.onChange === "append";
      return [{ file, now, old, does: isKept ? "rename" : "read" }];
    });
  }

  #read({ file, now, old }: Decision): void {
    if (old !== null) this.#forget(old);
    if (this.#rules.onChange === "replace") this.rows.delete(file);
    const rows = (now ?? "").split("\n").filter((row) => row !== "");
    if (rows.length > 0) this.rows.set(file, [...(this.rows.get(file) ?? []), ...rows]);
    this.#known.set(file, now);
  }

  #rename({ file, now, old }: Decision): void {
    if (old !== null) this.#known.delete(old);
    this.#known.set(file, now);
  }

  #forget(file: string): void {
    this.rows.delete(file);
    this.#known.delete(file);
  }
}

function hasRows(text: string | null): boolean {
  return text !== null && text !== "";
}

function contentsOf(folder: string): ReadonlyMap<string, string | null> {
  const contents = readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return [file, text === "" ? null : text.slice("id,n\n".length).trimEnd()] as const;
  });
  return new Map(contents);
}

const rules = fc.record({
  onChange: fc.constantFrom("replace", "append"),
  onMissing: fc.constantFrom("keep", "delete"),
}) satisfies fc.Arbitrary<ChangeRules>;

test("the table is what the files were when they were last read", { timeout: 60_000 }, async () => {
  await withFolder(async (root) => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(rules, fc.array(step, { maxLength: 25 }), async (ruled, steps) => {
        number += 1;
        const project = join(root, String(number));
        await mkdir(project);
        await follow(project, ruled, [...steps, { type: "run", scans: null }]);
      }),
      { numRuns: 150 },
    );
  });
});

async function follow(project: string, ruled: ChangeRules, steps: readonly Step[]): Promise<void> {
  // One file a scan, so that crashes leave cursors of some of the files.
  const source = testSource({
    project,
    rules: ruled,
    scratch: join(project, "..", "scratch"),
    bounds: { filesMax: 1, bytesMax: 1 },
  });
  const table = new FileTable();
  const model = new Model(ruled);
  for (const done of steps) {
    if (done.type !== "run") {
      await change(project, done);
      continue;
    }
    const present = contentsOf(project);
    // Without a file, and without one before, a run is a mistake of whoever asked for it.
    if (present.size === 0 && (table.cursor?.boundaryLines.length ?? 0) === 0) continue;
    const scansMax = done.scans ?? Number.POSITIVE_INFINITY;
    await table.run(source, scansMax);
    model.run(present, scansMax);
    expect(table.content()).toEqual(Object.fromEntries(model.rows));
  }
}
