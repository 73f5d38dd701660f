/** Files that can't be what they are called: each is refused by name, and nothing lands. */
import { randomFillSync } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testProject, type TestProject } from "../cli/commands/command-line.ts";
import { refusal, standing, standingFiles } from "../cli/bad-input/refusal.ts";

let project: TestProject;
let before: unknown;

beforeAll(async () => {
  project = await testProject(standingFiles);
  await project.document(0, "run", "orders");
  before = await standing(project);
});

afterAll(() => project.remove());

const table = `id,name\n${Array.from({ length: 2000 }, (_, id) => `${id},n${id}`).join("\n")}\n`;
const packed = gzipSync(table);
const longRow = "x".repeat(40_000_000);

/** Never valid in any format or encoding: it begins with a byte that no UTF-8 text has. */
function garbage(): Buffer {
  const bytes = randomFillSync(Buffer.alloc(5000));
  return Buffer.concat([Buffer.from([0xff]), bytes]);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
}

const files: readonly (readonly [name: string, content: string | Buffer, code: string])[] = [
  ["garbage.csv", garbage(), "file.bad_encoding"],
  ["garbage.json", garbage(), "file.bad_encoding"],
  ["garbage.jsonl", garbage(), "file.bad_encoding"],
  ["garbage.parquet", garbage(), "file.no_parquet"],
  ["garbage.csv.gz", garbage(), "file.bad_encoding"],
  ["garbage.csv.zst", garbage(), "file.bad_encoding"],
  ["garbage.xlsx", garbage(), "usage.unknown_format"],
  ["garbage", garbage(), "usage.unknown_format"],
  ["zip.csv", Buffer.from("504b030414000000", "hex"), "file.unknown_compression"],
  ["cut.csv.gz", packed.subarray(0, packed.length / 2), "file.damaged"],
  ["cut.csv.zst", zstdCompressSync(table).subarray(0, 1500), "file.damaged"],
  ["checksum.csv.gz", flipped(packed, packed.length - 6), "file.damaged"],
  ["tail.csv.gz", Buffer.concat([packed, Buffer.from("more")]), "file.damaged"],
  ["empty.parquet", "", "file.no_parquet"],
  ["marks.parquet", "PAR1PAR1", "file.no_parquet"],
  ["length.parquet", Buffer.from("50415231ffffff7f50415231", "hex"), "file.no_parquet"],
  ["nul.csv", Buffer.alloc(3000), "schema.name_too_long"],
  ["nul.json", Buffer.alloc(3000), "file.bad_json"],
  ["nul.jsonl", Buffer.alloc(3000), "file.unreadable"],
  ["cut.json", '[{"a":1},{"a":', "file.unreadable"],
  ["cut.jsonl", '{"a":1}\n{"a":\n', "file.unreadable"],
  ["scalar.json", "1", "file.bad_json"],
  ["null.json", "null", "file.bad_json"],
  ["deep.json", "[".repeat(100_000), "file.bad_json"],
  ["surrogate.json", String.raw`[{"a":"\ud800"}]`, "file.unreadable"],
  ["twice.json", '{"a":1,"a":2}', "file.unreadable"],
  ["long-name.json", JSON.stringify({ ["k".repeat(2000)]: 1 }), "schema.name_too_long"],
  ["ragged.csv", "a,b\n1,2\n3\n4,5,6\n", "file.bad_row"],
  ["unclosed.csv", 'a,b\n"x,1\n2,3\n', "file.bad_row"],
  [
    "wide.csv",
    `${Array.from({ length: 10_001 }, (_, at) => `c${at}`).join()}\n`,
    "schema.too_many_columns",
  ],
  ["long-row.csv", `a,b\n1,${longRow}\n2,y\n`, "file.long_line"],
  ["long-last-row.csv", `a,b\n1,y\n2,${longRow}\n`, "file.long_line"],
];

test.each(files)("%s is refused", async (name, content, code) => {
  writeFileSync(join(project.folder, name), content);
  const found = await refusal(project, ["ingest", `./${name}`]);
  expect(found).toMatchObject({ code });
  expect(found.message.length).toBeLessThan(600);
});

test.each([
  ["a folder", "folder.csv", "usage.not_a_file"],
  ["nothing", "absent.csv", "usage.missing_file"],
  ["nothing that a pattern finds", "absent-*.csv", "usage.no_match"],
  ["a device", "/dev/zero", "usage.not_a_file"],
])("%s is no file", async (_, path, code) => {
  mkdirSync(join(project.folder, "folder.csv"), { recursive: true });
  expect(await refusal(project, ["ingest", path])).toMatchObject({ code, exitCode: 2 });
});

test("after all of these the store is as it was", async () => {
  expect(await standing(project)).toEqual(before);
});

test("a file that nobody may read is refused, but for root, who may", async () => {
  writeFileSync(join(project.folder, "closed.csv"), "a\n1\n");
  chmodSync(join(project.folder, "closed.csv"), 0);
  const args = ["ingest", "./closed.csv"];
  if (process.getuid?.() === 0) expect(await project.document(0, ...args)).toMatchObject({});
  else expect(await refusal(project, args)).toMatchObject({ code: "file.unreadable" });
});
