/** The bytes of every format, held against golden files, and read from them. */
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/context/cursor-codec.ts";
import { sha256Of } from "../../src/context/digest.ts";
import { readJournal } from "../../src/context/journal/reader.ts";
import { openJournal } from "../../src/context/journal/writer.ts";
import { committedManifestPath, journalPath, sideFilePath } from "../../src/context/layout.ts";
import { encodeManifest } from "../../src/context/manifest/codec.ts";
import { deriveCommitted, readCommitted } from "../../src/context/manifest/committed.ts";
import { publishManifest, readManifest } from "../../src/context/manifest/publish-manifest.ts";
import { createPublisher } from "../../src/context/publish.ts";
import { readSideFile, writeSideFile } from "../../src/context/side-file.ts";
import { memoryFilesystem } from "../platform/memory-filesystem.ts";
import { seededRandom } from "../platform/seeded-random.ts";
import { batch, begin, bytesOf, end, header, runId, schemaOf, tableId } from "./fixtures.ts";
import { expectGolden } from "./golden.ts";
import { manifestFixture } from "./manifest/manifest-fixture.ts";

const sizeMaxBytes = 1024 * 1024;

function store() {
  const filesystem = memoryFilesystem();
  return { filesystem, publisher: createPublisher(filesystem, seededRandom(1)) };
}

test("a journal has the bytes of docs/format/journal.md", async () => {
  const { filesystem, publisher } = store();
  const lines = [
    begin("orders", "p1"),
    { kind: "schema", tableId, schema: schemaOf(1) } as const,
    {
      ...batch(0, { partition: "p1", resume: "same_read" }),
      supersedes: { path: sideFilePath(runId, 7, 0), count: 2, sha256: "b".repeat(64) },
      quarantined: 1,
    },
    end(1, { partition: "p1" }),
  ];
  const journal = await openJournal(publisher, { ...header(7), adoptedEpoch: 6 }, []);
  for (const line of lines) await journal.append(line);
  await journal.close();
  const path = journalPath(runId, 7);
  await expectGolden("journal-7.jsonl", await filesystem.read(path, sizeMaxBytes));
  expect((await readJournal(filesystem, path)).entries).toEqual(lines);
});

test("a manifest has the bytes of docs/format/manifest.md", async () => {
  const { filesystem, publisher } = store();
  const reference = await publishManifest(publisher, manifestFixture, 1);
  await expectGolden("_manifest-7-1.json", await filesystem.read(reference.path, sizeMaxBytes));
  expect(await readManifest(filesystem, reference)).toEqual(manifestFixture);
});

test("a derived manifest has the bytes of docs/format/manifest.md", async () => {
  const { filesystem, publisher } = store();
  await publisher.makeFolder(`runs/${runId}`);
  const commit = {
    sequence: 4,
    at: "1700000000000001",
    parent: "f".repeat(64),
    sha256: sha256Of(encodeManifest(manifestFixture)),
  };
  await deriveCommitted(publisher, manifestFixture, commit);
  const path = committedManifestPath(runId);
  await expectGolden("_manifest.json", await filesystem.read(path, sizeMaxBytes));
  expect(await readCommitted(filesystem, path)).toEqual({ ...commit, manifest: manifestFixture });
});

test("a side file has the bytes of docs/format/cursor.md", async () => {
  const { filesystem, publisher } = store();
  const lines = ["", "a", "é", "\u{1f600}", "\uffff"];
  const file = await writeSideFile(publisher, sideFilePath(runId, 7, 0), lines);
  await expectGolden("7-0.lines", await filesystem.read(file.path, sizeMaxBytes));
  expect(await readSideFile(filesystem, file)).toEqual(lines);
});

test("a stored cursor has the bytes of docs/format/cursor.md", async () => {
  const [{ cursor }] = [manifestFixture.cursors[0] ?? { cursor: null }];
  if (cursor === null) throw new Error("the fixture has a cursor");
  await expectGolden("cursor.json", bytesOf(encodeCursor(cursor)));
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
});
