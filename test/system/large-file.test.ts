/** One file of several GB through the real command line, within a bound on all of its memory. */
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { runMeasured } from "../../bench/measure/run-command.ts";
import { withViews } from "../runtime/test-store.ts";
import { makeTemporaryFolder } from "./servers/temporary-folder.ts";

const launcher = fileURLToPath(new URL("../../bin/hakiri", import.meta.url));

/** What DuckDB may take, which then goes to disk; and the most of the whole process tree. */
const memoryLimit = "512MiB";
const peakBytesMax = 1.2 * 2 ** 30;

const gigabyte = 1e9;
const blockRows = 20_000;
const deadlineMs = 300_000;

/** How rows are written, and how many bytes of text there are at least. */
interface LargeFile {
  readonly name: string;
  readonly header: string;
  readonly line: (id: number) => string;
  readonly pack: (text: Buffer) => Buffer;
  readonly textBytesMin: number;
}

/** Wide, so that there are bytes rather than rows; in CSV with what a quote is for. */
const notes = ["plain ", "with, a comma ", 'a "quote" ', "ünïcödé "].map((text) => text.repeat(32));

const csv: LargeFile = {
  name: "large.csv",
  header: "id,price,day,note,token\n",
  line: (id) => {
    const day = `2024-${String(1 + (id % 12)).padStart(2, "0")}-17`;
    const token = Math.imul(id, 0x9e3779b1) >>> 0;
    const note = (notes[id % notes.length] ?? "").replaceAll('"', '""');
    return `${id},${id % 97}.25,${day},"${note}",${token.toString(36)}\n`;
  },
  pack: (text) => text,
  textBytesMin: 2.6 * gigabyte,
};

/** A gzip file may have many members, and so one that is repeated. */
const jsonl: LargeFile = {
  name: "large.jsonl.gz",
  header: "",
  line: (id) => `${JSON.stringify({ id, price: id % 97, note: notes[id % notes.length] })}\n`,
  pack: (text) => gzipSync(text),
  textBytesMin: 2.2 * gigabyte,
};

test.each([csv, jsonl])(
  "$name goes into the store within bounded memory",
  { timeout: deadlineMs },
  async (file) => {
    await using folder = await makeTemporaryFolder("large");
    const project = folder.path;
    const rows = await write(project, file);
    await writeFile(
      join(project, "hakiri.toml"),
      `[store]\nmemory_limit = "${memoryLimit}"\nthreads = 2\n`,
    );
    const path = join(project, file.name);
    const command = [launcher, "ingest", path, "--as", "large", "--project", project, "--json"];
    const run = await runMeasured(command, { deadlineMs, memoryEveryMs: 20 });
    expect(run, run.stderr).toMatchObject({ exitCode: 0, signal: null });
    expect(JSON.parse(run.stdout)).toMatchObject({ status: "succeeded", tables: [{ rows }] });
    expect(run.peakTreeRssBytes).toBeLessThan(peakBytesMax);
    const [sums] = await withViews(project, (query) =>
      query("SELECT count(*)::VARCHAR AS rows, sum(id)::VARCHAR AS ids FROM large"),
    );
    const ids = (rows / blockRows) * ((blockRows * (blockRows - 1)) / 2);
    expect(sums).toEqual({ rows: String(rows), ids: String(ids) });
  },
);

/** Writes the file, one block of rows again and again; answers how many rows are in it. */
async function write(folder: string, file: LargeFile): Promise<number> {
  const lines = Array.from({ length: blockRows }, (_, id) => file.line(id));
  const text = Buffer.from(lines.join(""));
  const block = file.pack(text);
  const blocks = Math.ceil(file.textBytesMin / text.length);
  const handle = await open(join(folder, file.name), "w");
  try {
    await handle.writeFile(file.header);
    for (let count = 0; count < blocks; count += 1) await handle.writeFile(block);
  } finally {
    await handle.close();
  }
  return blocks * blockRows;
}
