/** Side files: what they hold is what comes back, or an error that names the file. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { boundaryFilesMax } from "../../src/core/cursor.ts";
import { createPublisher } from "../../src/context/publish.ts";
import {
  boundaryOf,
  readSideFile,
  sideLineBytesMax,
  writeSideFile,
} from "../../src/context/side-file.ts";
import { memoryFilesystem } from "../platform/memory-filesystem.ts";
import { seededRandom } from "../platform/seeded-random.ts";
import { bytesOf } from "./fixtures.ts";
import { rejectionOf, thrownBy } from "./thrown.ts";

const path = "runs/1/7-0.lines";

function store() {
  const filesystem = memoryFilesystem();
  return { filesystem, publisher: createPublisher(filesystem, seededRandom(1)) };
}

test("any sorted lines come back, and have the digest that was foretold", async () => {
  const line = fc
    .string({ unit: "binary", maxLength: 20 })
    .map((text) => text.replaceAll("\n", ""));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(line), async (unsorted) => {
      const lines = unsorted.toSorted();
      const { filesystem, publisher } = store();
      const file = await writeSideFile(publisher, path, lines);
      expect(file).toEqual({ path, ...boundaryOf(lines) });
      expect(await readSideFile(filesystem, file)).toEqual(lines);
    }),
  );
});

test("lines of more than one piece come back", async () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `${String(n).padStart(40, "0")}é`);
  const { filesystem, publisher } = store();
  const file = await writeSideFile(publisher, path, lines);
  expect(await readSideFile(filesystem, file)).toEqual(lines);
});

test("a line that begins with U+FEFF keeps it", async () => {
  const { filesystem, publisher } = store();
  const file = await writeSideFile(publisher, path, ["\ufeffa"]);
  expect(await readSideFile(filesystem, file)).toEqual(["\ufeffa"]);
});

test("lines out of order, and lines that repeat, are a defect of the caller", () => {
  expect(() => boundaryOf(["b", "a"])).toThrow("expected sorted lines");
  expect(() => boundaryOf(["a", "a"])).toThrow("expected sorted lines");
});

test.each([["a\nb"], ["\ud800"], ["x".repeat(sideLineBytesMax + 1)]])(
  "a line that no side file holds is refused",
  (line) => {
    expect(thrownBy(() => boundaryOf([line])).code).toBe("cursor.line_invalid");
  },
);

test("a line may be as long as the bound", () => {
  expect(boundaryOf(["x".repeat(sideLineBytesMax)]).count).toBe(1);
  expect(boundaryOf(["é".repeat(sideLineBytesMax / 2)]).count).toBe(1);
});

test("a million lines are taken, one more is refused", () => {
  const lines = Array.from({ length: boundaryFilesMax + 1 }, (_, n) => String(n).padStart(7, "0"));
  expect(thrownBy(() => boundaryOf(lines)).code).toBe("cursor.boundary_too_large");
  lines.pop();
  expect(boundaryOf(lines).count).toBe(boundaryFilesMax);
});

test("other bytes, and another count, are told with the path", async () => {
  const { filesystem, publisher } = store();
  const file = await writeSideFile(publisher, path, ["a", "b"]);
  const miscounted = await rejectionOf(readSideFile(filesystem, { ...file, count: 3 }));
  expect(miscounted.code).toBe("store.damaged_file");
  expect(miscounted.message).toContain(path);
  await filesystem.unlink(path);
  const other = await filesystem.create(path);
  await other.write(bytesOf("a\nc\n"));
  const changed = await rejectionOf(readSideFile(filesystem, file));
  expect(changed.code).toBe("store.damaged_file");
  expect(changed.message).toContain(path);
});
