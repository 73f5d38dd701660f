/** Pins between real processes: live while held, removed once nobody does. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { holdExisting, holdFile } from "../../src/catalog/lock-file.ts";
import { lockPins, pinsMax } from "../../src/catalog/pins.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { caught } from "../core/caught.ts";
import { startLockProcess } from "./other-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Gives names by number: 0, 1, 2 and so on. */
function countingRandom(): Random {
  let next = 0;
  return {
    fraction: () => 0.5,
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      new DataView(bytes.buffer).setUint32(count - 4, next);
      next += 1;
      return bytes;
    },
  };
}

describe("a lock", () => {
  test("of a file that must be there makes none", () => {
    const path = join(temporaryFolder(), "a.lock");
    expect(holdExisting(path)).toBe("gone");
    expect(existsSync(path)).toBe(false);
  });
});

describe("a pin", () => {
  test("is live while it is held, once for each sequence", () => {
    const folder = temporaryFolder();
    const pins = lockPins(folder, countingRandom());
    expect(pins.live()).toEqual([]);
    const held = [12, 7, 12].map((sequence) => pins.pin(sequence));
    expect(pins.live()).toEqual([7, 12]);
    held[0]?.release();
    held[0]?.release();
    expect(pins.live()).toEqual([7, 12]);
    held[2]?.release();
    expect(pins.live()).toEqual([7]);
    held[1]?.release();
    expect(readdirSync(join(folder, "pins"))).toEqual([]);
  });

  test("of another process is live until that is killed, and then removed", async () => {
    const folder = temporaryFolder();
    const pins = lockPins(folder, countingRandom());
    const other = await startLockProcess("pin", folder, "5");
    expect(pins.live()).toEqual([5]);
    await other.kill();
    expect(readdirSync(join(folder, "pins")).length).toBe(1);
    expect(pins.live()).toEqual([]);
    expect(readdirSync(join(folder, "pins"))).toEqual([]);
  });

  test("is never removed by who lists pins while it is made", async () => {
    const folder = temporaryFolder();
    const pins = lockPins(folder, countingRandom());
    mkdirSync(join(folder, "pins"));
    await startLockProcess("list", folder);
    for (let sequence = 1; sequence <= 300; sequence += 1) {
      const pin = pins.pin(sequence);
      expect(pins.live()).toEqual([sequence]);
      pin.release();
    }
  });

  test("takes no name that someone else has", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "pins"));
    const suffix = "0".repeat(20);
    const other = holdFile(join(folder, "pins", `3-${suffix}.lock.tmp-${suffix}`));
    expect(() => lockPins(folder, countingRandom()).pin(3)).toThrow("nobody else has");
    other?.release();
  });

  test("is no other file of its folder", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "pins"));
    const names = ["note.txt", "1-x.lock", "01-00000000000000000000.lock", "1-ff.lock.tmp-ff"];
    for (const name of names) writeFileSync(join(folder, "pins", name), "");
    expect(lockPins(folder, countingRandom()).live()).toEqual([]);
    expect(readdirSync(join(folder, "pins")).toSorted()).toEqual(names.toSorted());
  });

  test("is one of 4,096 at most", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "pins"));
    const put = (n: number) => writeFileSync(join(folder, "pins", `other-${n}`), "");
    for (let n = 0; n < pinsMax; n += 1) put(n);
    const pins = lockPins(folder, countingRandom());
    expect(pins.live()).toEqual([]);
    put(pinsMax);
    expect(caught(() => pins.live()).code).toBe("store.too_many_pins");
  });
});
