/** What doctor notices of a store: damage by file, and nothing where all is well. */
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { deriveViews } from "../../../src/context/derive/derive-views.ts";
import { findingsPerCodeMax, sortedFindings } from "../../../src/context/inspect/finding.ts";
import { inspectStore } from "../../../src/context/inspect/inspect-store.ts";
import { openJournal } from "../../../src/context/journal/writer.ts";
import { emptyPartPath, journalPath, viewsPath } from "../../../src/context/layout.ts";
import { runIds } from "../../../src/context/rebuild/run-folder.ts";
import { HakiriError } from "../../../src/core/error.ts";
import { failedOf, moveOf } from "../../catalog/commands.ts";
import { ManualClock } from "../../platform/manual-clock.ts";
import { begin, header, never } from "../fixtures.ts";
import { withStoreForEach } from "../each-store.ts";
import {
  beginRun,
  runOnce,
  stageRun,
  tableAt,
  type HistoryStore,
  type TableWork,
} from "../history.ts";

let store: HistoryStore;
let pipelineId: string;

withStoreForEach(async (made) => {
  ({ store, pipelineId } = made);
  await runOnce(store, pipelineId, [append(1)]);
  await runOnce(store, pipelineId, [append(2)]);
  const { catalog, filesystem, publisher, claims } = store;
  const takeLock = () => claims.take("views");
  await deriveViews({ catalog, filesystem, random: publisher.random, takeLock });
});

const append = (id: number): TableWork => ({
  table: "t",
  disposition: "append",
  rows: [{ id, v: "x" }],
});

const inspect = (deep = false) => {
  const { catalog } = store;
  const opened = { kind: "open", catalog, faults: () => catalog.faults() } as const;
  return inspectStore({ ...store, catalog: opened }, { deep, signal: never });
};

const absolute = (path: string) => store.filesystem.absolute(path);

async function firstPart(): Promise<string> {
  const [file] = (await tableAt(store, "t"))?.files ?? [];
  return file?.path ?? "";
}

test("nothing is found in a sound store, however deep", async () => {
  expect(await inspect()).toEqual([]);
  expect(await inspect(true)).toEqual([]);
});

describe("a part", () => {
  test("that is missing or truncated is named", async () => {
    const path = await firstPart();
    await truncate(absolute(path), 10);
    expect(await inspect()).toMatchObject([
      { severity: "error", code: "store.damaged_file", path },
    ]);
    expect((await inspect())[0]?.message).toContain("has 10 bytes");
    await rm(absolute(path));
    expect(await inspect()).toMatchObject([
      { severity: "error", code: "store.damaged_file", path },
    ]);
    expect((await inspect())[0]?.message).toContain("is missing");
  });

  test("of which a bit flipped is named by a deep look", async () => {
    const path = await firstPart();
    const bytes = await readFile(absolute(path));
    await writeFile(absolute(path), bytes.with(20, (bytes[20] ?? 0) ^ 4));
    expect(await inspect()).toEqual([]);
    expect(await inspect(true)).toMatchObject([{ code: "store.damaged_file", path }]);
  });

  test("of an older snapshot is named by a deep look, as a warning", async () => {
    const path = await firstPart();
    await runOnce(store, pipelineId, [{ ...append(3), disposition: "replace" }]);
    await rm(absolute(path));
    const { catalog, filesystem, publisher, claims } = store;
    const takeLock = () => claims.take("views");
    await deriveViews({ catalog, filesystem, random: publisher.random, takeLock });
    expect(await inspect()).toEqual([]);
    expect(await inspect(true)).toMatchObject([{ severity: "warning", path }]);
  });
});

test("the part of no rows is missed", async () => {
  await rm(absolute(emptyPartPath));
  expect(await inspect()).toMatchObject([{ code: "store.empty_part_missing" }]);
});

describe("a manifest", () => {
  test("that is damaged is named, and that a rebuild would miss it", async () => {
    const [runId = ""] = await runIds(store.filesystem);
    const path = `runs/${runId}/_manifest.json`;
    const text = await readFile(absolute(path), "utf8");
    await writeFile(absolute(path), text.replace('"rows":1', '"rows":2'));
    expect(await inspect()).toMatchObject([
      { severity: "warning", code: "manifest.damaged", path },
      { severity: "warning", code: "manifest.not_derived", path },
    ]);
  });

  test("of a newer hakiri is an error", async () => {
    const [runId = ""] = await runIds(store.filesystem);
    const path = `runs/${runId}/_manifest.json`;
    const text = await readFile(absolute(path), "utf8");
    await writeFile(absolute(path), text.replaceAll('"version":1', '"version":9'));
    const [finding] = await inspect();
    expect(finding).toMatchObject({ severity: "error", code: "manifest.newer_format", path });
  });

  test("that is gone breaks the history", async () => {
    const [runId = ""] = await runIds(store.filesystem);
    const names = await store.filesystem.list(`runs/${runId}`);
    for (const name of names.filter((each) => each.startsWith("_manifest"))) {
      await rm(absolute(`runs/${runId}/${name}`));
    }
    const codes = (await inspect()).map(({ code }) => code);
    expect(codes).toContain("manifest.history_broken");
  });
});

describe("a journal", () => {
  async function resumable(): Promise<string> {
    const run = await beginRun(store, pipelineId);
    const { runId, epoch } = run.grant;
    const head = { ...header(epoch), runId, pipelineId };
    const journal = await openJournal(store.publisher, head, [begin(), begin("other")]);
    await journal.close();
    await store.catalog.apply<"move_run">(
      moveOf(run.grant, failedOf(run.grant, 1), { at: String(store.clock.nowMicros()) }),
    );
    return journalPath(runId, epoch);
  }

  test("whose last line is torn is noted with the line", async () => {
    const path = await resumable();
    const bytes = await readFile(absolute(path));
    await truncate(absolute(path), bytes.length - 5);
    const [finding] = await inspect();
    expect(finding).toMatchObject({ severity: "note", code: "journal.torn", path });
    expect(finding?.message).toContain("of line 3 ");
  });

  test("that is damaged in the middle is an error with the line", async () => {
    const path = await resumable();
    const text = await readFile(absolute(path), "utf8");
    await writeFile(absolute(path), text.replace('"stream":"orders"', '"stream":"arders"'));
    const [finding] = await inspect();
    expect(finding).toMatchObject({ severity: "error", code: "journal.damaged", path });
    expect(finding?.message).toContain("in line 2");
  });
});

describe("around the data", () => {
  test("views of an older snapshot are told", async () => {
    await runOnce(store, pipelineId, [append(3)]);
    expect(await inspect()).toMatchObject([{ code: "views.behind", path: viewsPath }]);
  });

  test("leftovers are counted, and not removed", async () => {
    const run = await beginRun(store, pipelineId);
    await stageRun(store, run, [append(3)]);
    const at = String(store.clock.nowMicros());
    await store.catalog.apply<"move_run">(moveOf(run.grant, failedOf(run.grant, 0), { at }));
    expect(await inspect()).toEqual([]);
    store.clock.advance(8 * 24 * 3_600_000);
    const [finding] = await inspect();
    expect(finding).toMatchObject({ severity: "note", code: "store.leftovers" });
    expect(finding?.message).toMatch(/^1 files of /u);
    expect(await inspect()).toEqual([finding]);
  });

  test("pins of readers that are gone are removed, and one of an expired snapshot is told", async () => {
    const pin = store.pins.pin(99);
    await writeFile(absolute(`pins/1-${"0".repeat(20)}.lock`), "");
    expect(await inspect()).toMatchObject([
      { severity: "warning", code: "store.pinned_expired" },
      { severity: "note", code: "store.stale_pins" },
    ]);
    pin.release();
    expect(await inspect()).toEqual([]);
  });

  test("a clock behind the newest snapshot is told", async () => {
    const late = new ManualClock(store.clock.nowMicros() - 60_000_000n);
    const { catalog } = store;
    const opened = { kind: "open", catalog, faults: () => catalog.faults() } as const;
    const findings = await inspectStore(
      { ...store, clock: late, catalog: opened },
      { deep: false, signal: never },
    );
    expect(findings).toMatchObject([{ code: "store.clock_behind" }]);
  });

  test("a catalog that a rebuild replaced is noted", async () => {
    await writeFile(absolute("catalog.sqlite.damaged-1"), "");
    expect(await inspect()).toMatchObject([{ severity: "note", code: "catalog.replaced" }]);
  });
});

test("without a catalog its error is told, and the files are looked at all the same", async () => {
  const [runId = ""] = await runIds(store.filesystem);
  await writeFile(absolute(`runs/${runId}/_manifest.json`), "{}");
  const error = new HakiriError({
    kind: "Permanent",
    code: "catalog.damaged",
    message: "expected a catalog",
    hint: "make it again",
  });
  const findings = await inspectStore(
    { ...store, catalog: { kind: "failed", error } },
    { deep: false, signal: never },
  );
  expect(findings).toMatchObject([
    { severity: "error", code: "catalog.damaged" },
    { severity: "warning", code: "manifest.damaged", path: `runs/${runId}/_manifest.json` },
  ]);
});

test("findings of one code beyond the most are counted", () => {
  const finding = (n: number) =>
    ({ severity: "note", code: "a.b", path: String(n), message: "m", hint: "" }) as const;
  const all = Array.from({ length: findingsPerCodeMax + 1 }, (_, n) => finding(n));
  expect(sortedFindings(all.slice(1))).toHaveLength(findingsPerCodeMax);
  expect(sortedFindings(all).at(-1)).toMatchObject({ path: null, message: "1 more of this kind" });
});
