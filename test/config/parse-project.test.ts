/** The project file. */
import { describe, expect, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import { defaultProject, parseProject } from "../../src/config/parse-project.ts";

const parse = (text: string) => parseProject({ file: "hakiri.toml", format: "toml", text });

describe("a project", () => {
  test("without a file keeps its store as DESIGN and README say", () => {
    expect(defaultProject()).toEqual({
      name: null,
      store: {
        retention: { days: 7, snapshots: 10 },
        resumeTtlMs: 604_800_000,
        gcGraceMs: 86_400_000,
        memoryLimitBytes: null,
        threads: null,
        encodeThreads: null,
        compaction: { automatic: true, smallFiles: 128, smallFileBytes: 67_108_864 },
      },
    });
  });

  test("says otherwise in its file", () => {
    const text = `name = "shop"
[store]
retention = { days = 0, snapshots = 1 }
resume_ttl = "12h"
gc_grace = "0s"
memory_limit = "1.5 GB"
threads = 256
encode_threads = 0
compaction = { automatic = false, small_files = 1, small_file = "1 B" }`;
    expect(parse(text)).toEqual({
      name: "shop",
      store: {
        retention: { days: 0, snapshots: 1 },
        resumeTtlMs: 43_200_000,
        gcGraceMs: 0,
        memoryLimitBytes: 1_500_000_000,
        threads: 256,
        encodeThreads: 0,
        compaction: { automatic: false, smallFiles: 1, smallFileBytes: 1 },
      },
    });
  });

  test.each([
    ["[stor]\n", "did you mean 'store'?"],
    ["[store]\nthread = 1", "did you mean 'threads'?"],
    ["[store.retention]\nday = 1", "did you mean 'days'?"],
  ])("has no other keys: %j", (text, hint) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "usage.unknown_key", hint }));
  });

  test.each([
    'name = "My Shop"',
    "store.threads = 0",
    "store.threads = 257",
    "store.encode_threads = -1",
    "store.encode_threads = 17",
    'store.memory_limit = "63 MiB"',
    "store.memory_limit = 1000000000",
    "store.retention.snapshots = 0",
    'store.resume_ttl = "366d"',
    'store.gc_grace = "1 day"',
    'store.compaction.small_file = "0 B"',
  ])("is refused with %s", (text) => {
    expect(() => parse(text)).toThrow(HakiriError);
    expect(() => parse(text)).toThrow(/^hakiri\.toml:1: /u);
  });
});
