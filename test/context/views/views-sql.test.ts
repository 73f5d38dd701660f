/** The text of views.sql: its bytes, what DuckDB alone makes of it, and that it reads itself. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteIdentifier, quoteText } from "../../../src/core/identifier.ts";
import {
  formatViews,
  parseViews,
  viewStatements,
  type ViewBlock,
} from "../../../src/context/views/views-sql.ts";
import { bytesOf, fileOf, idOf, schemaOf } from "../fixtures.ts";
import { expectGolden } from "../golden.ts";
import { withFolder } from "../temporary-folder.ts";
import { date, int, text, timestamp } from "./literals.ts";
import { columnOf, rowOf, schemaWith, StoredTable, withTable } from "./stored-table.ts";

const program = fileURLToPath(new URL("./run-views.ts", import.meta.url));

/** Runs a query over views in a process that has nothing of hakiri's. */
async function queryViews(folder: string, query: string, env = {}): Promise<unknown> {
  const options = { cwd: folder, env: { ...process.env, ...env }, timeout: 30_000 };
  const { stdout } = await promisify(execFile)(process.execPath, [program, query], options);
  return JSON.parse(stdout);
}

test("the text is that of docs/format/views.md", async () => {
  const before = schemaWith(1, [columnOf(1, "id", int(64)), columnOf(2, "at", date)]);
  const after = schemaWith(2, [columnOf(1, "id", int(64)), columnOf(2, "at", timestamp)]);
  const files = [
    { ...fileOf(0), addedSequence: 1 },
    { ...fileOf(1, "p", 2), addedSequence: 2 },
    { ...fileOf(2, "p", 2), addedSequence: 2 },
    {
      ...fileOf(3),
      addedSequence: 2,
      kind: "deletes" as const,
      path: fileOf(3).path.replace("-all-3", "-del-1"),
      masks: [{ fileId: fileOf(1).fileId, rows: 2 }],
    },
  ];
  const rules = { naming: "source" as const, shared: false, reserved: [2_000_000_001] };
  const named = { ...rules, ownerPipelineId: idOf("2") };
  const tables = [
    {
      table: {
        ...named,
        tableId: idOf("4"),
        namespace: "main",
        name: "orders",
        schema: after,
        files,
      },
      schemas: [before, after],
    },
    {
      table: {
        ...named,
        tableId: idOf("6"),
        namespace: 'c"rm',
        name: "Kund'innen",
        schema: schemaOf(1),
        files: [],
      },
      schemas: [schemaOf(1)],
    },
  ];
  const blocks = tables.map((viewed, index) => ({
    tableId: viewed.table.tableId,
    sequence: index + 1,
    statements: viewStatements(viewed, ".hakiri/"),
  }));
  await expectGolden("views.sql", bytesOf(formatViews({ sequence: 2, blocks })));
});

test.each([
  [122_880, false],
  [122_881, true],
])("one file of %i rows has an empty one beside it: %j", (rows, hasEmpty) => {
  const table = {
    naming: "source" as const,
    shared: false,
    reserved: [],
    ownerPipelineId: idOf("2"),
    tableId: idOf("4"),
    namespace: "main",
    name: "orders",
    schema: schemaOf(1),
    files: [{ ...fileOf(0), rows, addedSequence: 1 }],
  };
  const statements = viewStatements({ table, schemas: [schemaOf(1)] }, ".hakiri/");
  expect(statements.includes("'.hakiri/empty.parquet'")).toBe(hasEmpty);
});

describe("DuckDB alone", () => {
  const hostile = [
    "select",
    'quo"te',
    "apos'trophe; drop table x",
    "sl/ash",
    "emoji \u{1f600}",
    "x".repeat(63),
    `-- table ${idOf("4")}, sequence 1, characters 5`,
    "a.b",
  ];

  test("reads tables of any name, equal ones in two namespaces too", async () => {
    await withTable(async (_, duckDb) => {
      await withFolder(async (folder) => {
        mkdirSync(`${folder}/.hakiri/runs`, { recursive: true });
        const store = new StoredTable(duckDb, `${folder}/.hakiri/`);
        await duckDb.run(
          `COPY (SELECT 1 AS i WHERE false) TO ${quoteText(`${store.root}empty.parquet`)}`,
        );
        const schema = schemaWith(1, [columnOf(1, "v", text)]);
        const blocks: ViewBlock[] = [];
        for (const name of hostile) {
          for (const namespace of ["main", `n ${name}`]) {
            const file = await store.addPart(schema, [rowOf(quoteText(namespace + name))]);
            const table = store.state(schema, { namespace, name, files: [file] });
            const statements = viewStatements({ table, schemas: [schema] }, ".hakiri/");
            blocks.push({ tableId: idOf("4"), sequence: 1, statements });
          }
        }
        writeFileSync(`${folder}/.hakiri/views.sql`, formatViews({ sequence: 1, blocks }));
        const names = hostile.flatMap((name) => [
          ["main", name],
          [`n ${name}`, name],
        ]);
        const query = names
          .map((parts) => `FROM ${parts.map(quoteIdentifier).join(".")}`)
          .join(" UNION ALL ");
        expect(await queryViews(folder, `FROM (${query}) ORDER BY v`)).toEqual(
          names.map((parts) => [parts.join("")]).toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
        );
      });
    });
  });

  test("is told where to start in any other folder", async () => {
    await withFolder(async (folder) => {
      writeFileSync(`${folder}/views.sql`, formatViews({ sequence: 1, blocks: [] }));
      const env = { VIEWS: `${folder}/views.sql` };
      await expect(queryViews(folder, "SELECT 1", env)).rejects.toThrow(
        /expected DuckDB to be started in the folder that contains \.hakiri: cd there/u,
      );
    });
  });
});

describe("the text is read back", () => {
  const blocks = fc.array(
    fc.record({
      tableId: fc.constantFrom(idOf("4"), idOf("z"), "0123456789abcdefghjkmnpqrs"),
      sequence: fc.nat(),
      statements: fc.oneof(
        fc.string({ unit: "binary" }).map((name) => name.toWellFormed()),
        fc.constantFrom(
          "-- end, crc32c 00000000\n",
          `-- table ${idOf("4")}, sequence 1, characters 3\n`,
          "\u{1f600}\r\n",
          "",
        ),
      ),
    }),
    { maxLength: 5 },
  );

  test("as it was written, whatever its names look like", () => {
    fc.assert(
      fc.property(fc.nat(), blocks, (sequence, written) => {
        const file = { sequence, blocks: written };
        expect(parseViews(formatViews(file))).toEqual(file);
      }),
    );
  });

  test("but not once any of it changed", () => {
    const whole = formatViews({
      sequence: 7,
      blocks: [{ tableId: idOf("4"), sequence: 3, statements: "SELECT 'x';\n" }],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.constantFrom("", "~", "\n", "0"), (at, piece) => {
        const changed = whole.slice(0, at) + piece + whole.slice(at + 1);
        if (changed !== whole) expect(parseViews(changed)).toBeNull();
      }),
    );
  });

  test("nor where it ends too early, is empty, or is of another format", () => {
    const whole = formatViews({ sequence: 7, blocks: [] });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(parseViews(whole.slice(0, length))).toBeNull();
      }),
    );
    expect(parseViews(whole.replace("format 1", "format 2"))).toBeNull();
  });
});
