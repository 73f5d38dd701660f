/** The checkpoint file: its bytes, and what is read of a damaged one. */
import { expect, test } from "vitest";
import {
  checkpointPath,
  readCheckpoint,
  writeCheckpoint,
} from "../../../src/context/rebuild/checkpoint.ts";
import type { RecordedCommit } from "../../../src/context/rebuild/recorded-commit.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { memoryFilesystem } from "../../platform/memory-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { bytesOf, runId, storeId } from "../fixtures.ts";
import { expectGolden } from "../golden.ts";
import { manifestFixture } from "../manifest/manifest-fixture.ts";
import { rejectionOf } from "../thrown.ts";

const sizeMaxBytes = 1024 * 1024;

const commits: readonly RecordedCommit[] = [
  {
    sequence: 1,
    at: "1700000000000001",
    parent: null,
    reference: {
      sha256: "a".repeat(64),
      sizeBytes: 99,
      path: `runs/${runId}/_manifest-7-1.json`,
    },
    manifest: manifestFixture,
  },
  {
    sequence: null,
    at: "1700000000000002",
    parent: "a".repeat(64),
    reference: { sha256: "b".repeat(64), sizeBytes: 9, path: `runs/${runId}/_manifest-8-1.json` },
    manifest: { ...manifestFixture, kind: "cursor", epoch: 8, tables: [] },
  },
];

async function written(): Promise<Filesystem> {
  const filesystem = memoryFilesystem();
  await writeCheckpoint({ filesystem, random: seededRandom(1) }, storeId, commits);
  return filesystem;
}

async function textOf(filesystem: Filesystem): Promise<string> {
  return new TextDecoder().decode(await filesystem.read(checkpointPath, sizeMaxBytes));
}

async function holding(text: string): Promise<Filesystem> {
  const filesystem = memoryFilesystem();
  const file = await filesystem.create(checkpointPath);
  await file.write(bytesOf(text));
  await file.close();
  return filesystem;
}

test("it has the bytes of docs/format/checkpoint.md, and is read back", async () => {
  const filesystem = await written();
  await expectGolden(checkpointPath, await filesystem.read(checkpointPath, sizeMaxBytes));
  expect(await readCheckpoint(filesystem)).toEqual(commits);
});

test("it is replaced whole", async () => {
  const filesystem = await written();
  await writeCheckpoint({ filesystem, random: seededRandom(2) }, storeId, []);
  expect(await readCheckpoint(filesystem)).toEqual([]);
  expect(await filesystem.list("")).toEqual([checkpointPath]);
});

test("none is a history without expired snapshots", async () => {
  expect(await readCheckpoint(memoryFilesystem())).toEqual([]);
});

test("a changed, cut or empty one is damaged, whatever was changed", async () => {
  const text = await textOf(await written());
  const lines = text.trimEnd().split("\n");
  const changed = [
    "",
    text.slice(0, -20),
    text.replace('"rows":3', '"rows":4'),
    text.replace("hakiri-checkpoint", "other"),
    `${lines.slice(0, -1).join("\n")}\n`,
    `${[...lines.slice(0, 1), ...lines.slice(2)].join("\n")}\n`,
    `${[...lines, lines.at(-1)].join("\n")}\n`,
    text.replace("{", "{{"),
  ];
  for (const each of changed) {
    const error = await rejectionOf(readCheckpoint(await holding(each)));
    expect([each, error.code]).toEqual([each, "checkpoint.damaged"]);
  }
});

test("one of a newer hakiri is told apart from a damaged one", async () => {
  const text = (await textOf(await written())).replace('"version":1', '"version":2');
  const error = await rejectionOf(readCheckpoint(await holding(text)));
  expect(error.code).toBe("checkpoint.newer_format");
});
