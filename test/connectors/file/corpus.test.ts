/**
 * The oddities that files come with: input files beside what is expected of them. Each case has a
 * folder with `case.json`, files that end in `.in` (so that no tool formats them), and
 * `expected.txt`, which `HAKIRI_GOLDEN=rewrite` writes anew.
 */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { HakiriError, typeName, type Field } from "../../../src/connector.ts";
import type { DuckDbRow } from "../../../src/context/duckdb/open-duckdb.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { testSource } from "./file-table.ts";
import { StagingStore } from "./stage-files.ts";

const corpus = join(import.meta.dirname, "corpus");

/** Fewer cases than this means that nobody looked. */
const casesMin = 120;

interface Case {
  /** Of the source; `stream` is `t` where it isn't said. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Parquet files to write before, by name, as queries. */
  readonly parquet?: Readonly<Record<string, string>>;
}

const cases = (await readdir(corpus)).toSorted();

test("there are cases", () => {
  expect(cases.length).toBeGreaterThanOrEqual(casesMin);
});

test("each case gives the table beside it", { timeout: 60_000 }, async () => {
  await withFolder(async (folder) => {
    const store = await StagingStore.open(join(folder, "store"));
    try {
      for (const name of cases) {
        const found = await resultOf(name, join(folder, name), store);
        const path = join(corpus, name, "expected.txt");
        if (process.env["HAKIRI_GOLDEN"] === "rewrite") await writeFile(path, found);
        expect.soft(found, name).toBe(await readFile(path, "utf8"));
      }
    } finally {
      store.close();
    }
  });
});

/** What reading a case gives, as text. */
async function resultOf(name: string, project: string, store: StagingStore): Promise<string> {
  // As it was written.
  const { settings, parquet = {} } = JSON.parse(
    await readFile(join(corpus, name, "case.json"), "utf8"),
  ) as Case;
  await copyInputs(join(corpus, name), project);
  for (const [file, query] of Object.entries(parquet)) {
    await store.writeParquet(query, join(project, file));
  }
  const source = testSource({ project, settings: { stream: "t", ...settings } });
  const signal = new AbortController().signal;
  const lines: string[] = [];
  try {
    for (const found of await source.discover({ scanner: store.scanner, signal })) {
      lines.push(`${found.stream}: ${found.comment}`, ...columnLines(found.schema.fields));
    }
    const staged = await store.take(source, "t");
    const { schema, rows, quarantined, end, notices } = staged;
    lines.push("table", ...columnLines(schema?.columns ?? end.schema?.fields ?? []));
    lines.push("rows", ...rows.map((row) => rowLine(row)));
    if (quarantined.length > 0) {
      lines.push("quarantine", ...quarantined.map((row) => quarantineLine(row)));
    }
    if (notices.length > 0) lines.push("notices", ...notices.map((text) => `  ${text}`));
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    const { kind, code, message, hint, where } = error;
    lines.push(`${kind} ${code} ${JSON.stringify(where)}`);
    lines.push(...[message, hint].map((text) => `  ${text.replaceAll(project, ".")}`));
  }
  return `${lines.join("\n")}\n`;
}

async function copyInputs(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".in")) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(to, path.slice(from.length + 1, -".in".length));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(path, target);
  }
}

function columnLines(fields: readonly Pick<Field, "name" | "type">[]): readonly string[] {
  return fields.map(({ name, type }) => `  ${JSON.stringify(name)} ${typeName(type)}`);
}

/** Values in the order of the columns; the file is left out where there is one only. */
function rowLine(row: DuckDbRow): string {
  const { _hakiri_file: file, ...values } = row;
  return `  ${JSON.stringify(Object.values(values))} ${typeof file === "string" ? file : ""}`;
}

function quarantineLine({ reason, detail, file, line, column, record }: DuckDbRow): string {
  return `  ${JSON.stringify([file, line, reason, column, detail, record])}`;
}
