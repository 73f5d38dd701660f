/** Publication: names over whole, durable files only, on disks that fail and lose power. */
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../src/context/digest.ts";
import { createPublisher } from "../../src/context/publish.ts";
import { failingFilesystem } from "../platform/failing-filesystem.ts";
import { interceptedFilesystem } from "../platform/intercepted-filesystem.ts";
import { memoryFilesystem } from "../platform/memory-filesystem.ts";
import { disksAfter } from "../platform/power-cut/recording.ts";
import { recordingFilesystem } from "../platform/power-cut/recording-filesystem.ts";
import { seededRandom } from "../platform/seeded-random.ts";
import { bytesOf } from "./fixtures.ts";

const path = "runs/a/b/part.parquet";
const content = bytesOf("x".repeat(3000));
const pieces = [content.subarray(0, 1000), content.subarray(1000)];

test("a published file is told by size and digest, and leaves no temporary name", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  const published = await publisher.publish(path, pieces);
  expect(published).toEqual({ path, sizeBytes: 3000, sha256: sha256Of(content) });
  expect(await filesystem.list("runs/a/b")).toEqual(["part.parquet"]);
  expect(await filesystem.read(path, 3000)).toEqual(content);
});

test("a taken name is an error, and what has it stays as it was", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  await publisher.publish(path, pieces);
  await expect(publisher.publish(path, [bytesOf("other")])).rejects.toMatchObject({
    kind: "Permanent",
    code: "store.name_taken",
  });
  expect(await filesystem.list("runs/a/b")).toEqual(["part.parquet"]);
  expect(await filesystem.read(path, 3000)).toEqual(content);
});

test("a file that something else wrote is published as it is", async () => {
  const filesystem = memoryFilesystem();
  const publisher = createPublisher(filesystem, seededRandom(1));
  await publisher.makeFolder("runs/a/b");
  const other = await filesystem.create("runs/a/b/x.tmp-1");
  await other.write(content);
  await other.close();
  const published = await publisher.publishExisting("runs/a/b/x.tmp-1", path);
  expect(published).toEqual({ path, sizeBytes: 3000, sha256: sha256Of(content) });
  expect(await filesystem.list("runs/a/b")).toEqual(["part.parquet"]);
});

test("folders are made and synced once, also by files that are published at the same time", async () => {
  const synced: string[] = [];
  const filesystem = interceptedFilesystem(memoryFilesystem(), (call) => {
    if (call.operation === "syncFolder") synced.push(call.path);
  });
  const publisher = createPublisher(filesystem, seededRandom(1));
  await Promise.all(["1", "2", "3"].map((name) => publisher.publish(`runs/a/${name}`, pieces)));
  expect(synced.toSorted()).toEqual(["", "runs", "runs/a", "runs/a", "runs/a"]);
});

describe("whatever call fails", () => {
  const counts = Array.from({ length: 13 }, (_, at) => at);

  test.each(counts)(
    "the caller hears of it and no half file has the name (call %i)",
    async (at) => {
      const memory = memoryFilesystem();
      const failing = failingFilesystem(memory, { at, lasts: "once", errno: "ENOSPC" });
      const publisher = createPublisher(failing.filesystem, seededRandom(1));
      const outcome = await publisher.publish(path, pieces).then(
        () => "published",
        (error: unknown) => error,
      );
      const isReached = failing.counted() > at;
      if (isReached) expect(outcome).toMatchObject({ code: "disk.full" });
      else expect(outcome).toBe("published");
      const found = await memory.stat(path);
      if (found !== null) expect(await memory.read(path, 3000)).toEqual(content);
      // Making folders is tried again, by a publisher that failed at it as by a new one.
      await publisher.publish("runs/a/b/again.parquet", pieces);
      expect(await memory.read("runs/a/b/again.parquet", 3000)).toEqual(content);
    },
  );

  test("the calls that are counted above are all there are", async () => {
    const failing = failingFilesystem(memoryFilesystem(), {
      at: counts.length,
      lasts: "once",
      errno: "ENOSPC",
    });
    await createPublisher(failing.filesystem, seededRandom(1)).publish(path, pieces);
    expect(failing.counted()).toBeLessThanOrEqual(counts.length);
    expect(failing.counted()).toBeGreaterThan(counts.length - 3);
  });
});

test("after a power cut at any step a name has all its bytes, and what was answered is there", async () => {
  const recorder = await recordingFilesystem(memoryFilesystem());
  const steps: { readonly path: string; readonly doneAt: number }[] = [];
  const publish = async (name: string): Promise<void> => {
    // A publisher of its own each time: as after a crash that made folders and synced nothing.
    const publisher = createPublisher(recorder.filesystem, seededRandom(steps.length));
    await publisher.publish(name, pieces);
    steps.push({ path: name, doneAt: recorder.recording().steps.length });
  };
  await recorder.filesystem.makeFolder("runs");
  for (const name of [path, "runs/a/other", "runs/c/d/part.parquet"]) await publish(name);
  const recording = recorder.recording();
  for (let cut = 0; cut <= recording.steps.length; cut += 1) {
    for (const disk of disksAfter(recording, cut, 1, 24)) {
      const after = memoryFilesystem(disk);
      for (const step of steps) {
        const found = await after.stat(step.path);
        if (found === null) expect(step.doneAt, disk.label).toBeGreaterThan(cut);
        else expect(await after.read(step.path, 3000), disk.label).toEqual(content);
      }
    }
  }
});
