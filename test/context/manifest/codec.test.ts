/** Manifests as bytes, as files, and as the copy that tells what the commit answered. */
import { expect, test } from "vitest";
import type { Manifest } from "../../../src/core/snapshot.ts";
import { sha256Of } from "../../../src/context/digest.ts";
import { committedManifestPath } from "../../../src/context/layout.ts";
import { decodeManifest, encodeManifest } from "../../../src/context/manifest/codec.ts";
import { deriveCommitted, readCommitted } from "../../../src/context/manifest/committed.ts";
import { publishManifest, readManifest } from "../../../src/context/manifest/publish-manifest.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { memoryFilesystem } from "../../platform/memory-filesystem.ts";
import { disksAfter } from "../../platform/power-cut/recording.ts";
import { recordingFilesystem } from "../../platform/power-cut/recording-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { bytesOf, runId } from "../fixtures.ts";
import { rejectionOf, thrownBy } from "../thrown.ts";
import { manifestFixture } from "./manifest-fixture.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("a manifest comes back from its bytes, which are always the same", () => {
  const bytes = encodeManifest(manifestFixture);
  expect(decodeManifest(bytes, "m")).toEqual(manifestFixture);
  const reordered = Object.fromEntries(Object.entries(manifestFixture).toReversed());
  // Every member is there, in another order.
  expect(encodeManifest(reordered as unknown as Manifest)).toEqual(bytes);
});

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["another format", '{"format":"other","version":1}'],
  ["no version", '{"format":"hakiri-manifest"}'],
  ["a member too many", text(encodeManifest(manifestFixture)).replace("{", '{"a":1,')],
  ["a member too few", text(encodeManifest(manifestFixture)).replace('"baseSequence":3,', "")],
  ["a path out of the store", text(encodeManifest(manifestFixture)).replace(/runs\//gu, "../")],
])("bytes with %s are damaged, and the path is told", (_, given) => {
  const error = thrownBy(() => decodeManifest(bytesOf(given), "runs/m.json"));
  expect(error).toMatchObject({ kind: "Permanent", code: "manifest.damaged" });
  expect(error.message).toContain("runs/m.json");
});

test("a manifest of a newer version is told as such, whatever else it says", () => {
  const newer = bytesOf('{"format":"hakiri-manifest","version":2,"kind":"novel"}');
  expect(thrownBy(() => decodeManifest(newer, "m")).code).toBe("manifest.newer_format");
});

test("a published manifest is read by its reference, and no other bytes are", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  const reference = await publishManifest(publisher, manifestFixture, 1);
  expect(reference.path).toBe(`runs/${runId}/_manifest-7-1.json`);
  expect(reference.sizeBytes).toBe(encodeManifest(manifestFixture).byteLength);
  expect(await readManifest(filesystem, reference)).toEqual(manifestFixture);
  await expect(
    readManifest(filesystem, { ...reference, sha256: "0".repeat(64) }),
  ).rejects.toMatchObject({ code: "manifest.damaged" });
  await expect(publishManifest(publisher, manifestFixture, 1)).rejects.toMatchObject({
    code: "store.name_taken",
  });
});

const commit = {
  sequence: 4,
  at: "1700000000000001",
  parent: "f".repeat(64),
  sha256: sha256Of(encodeManifest(manifestFixture)),
};
const path = committedManifestPath(runId);

test("the derived copy tells the manifest with its place in the history, and may be made again", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  await publishManifest(publisher, manifestFixture, 1);
  await deriveCommitted(publisher, manifestFixture, { ...commit, sequence: null });
  await deriveCommitted(publisher, manifestFixture, commit);
  const read = await readCommitted(filesystem, path);
  expect(read).toEqual({ ...commit, manifest: manifestFixture });
  expect(await filesystem.list(`runs/${runId}`)).toEqual(["_manifest-7-1.json", "_manifest.json"]);
});

test("a derived copy with another manifest than its digest says is damaged", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  await publisher.makeFolder(`runs/${runId}`);
  await deriveCommitted(publisher, manifestFixture, { ...commit, sha256: "0".repeat(64) });
  const error = await rejectionOf(readCommitted(filesystem, path));
  expect(error.code).toBe("manifest.damaged");
  expect(error.message).toContain(path);
});

test("a derived copy of a newer version is told as such", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  await publisher.publish(path, [bytesOf('{"format":"hakiri-committed-manifest","version":2}')]);
  await expect(readCommitted(filesystem, path)).rejects.toMatchObject({
    code: "manifest.newer_format",
  });
});

test("after a power cut the derived copy is the old one, the new one, or absent before the first", async () => {
  const recorder = await recordingFilesystem(memoryFilesystem());
  const publisher = createPublisher(recorder.filesystem, seededRandom(1));
  await publisher.makeFolder(`runs/${runId}`);
  await deriveCommitted(publisher, manifestFixture, { ...commit, sequence: 1 });
  const first = recorder.recording().steps.length;
  await deriveCommitted(publisher, manifestFixture, { ...commit, sequence: 2 });
  const recording = recorder.recording();
  for (let cut = 0; cut <= recording.steps.length; cut += 1) {
    for (const disk of disksAfter(recording, cut, 5, 12)) {
      const after = memoryFilesystem(disk);
      if ((await after.stat(path)) === null) {
        expect(cut, disk.label).toBeLessThan(first);
        continue;
      }
      const { sequence } = await readCommitted(after, path);
      expect([1, 2], disk.label).toContain(sequence);
      if (cut === recording.steps.length) expect(sequence, disk.label).toBe(2);
    }
  }
});
