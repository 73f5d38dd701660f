/** The position deletes of changed and removed input files, over real parts. */
import { expect, test } from "vitest";
import { fileColumn } from "../../../src/core/reserved-column.ts";
import { fileDeletesQuery } from "../../../src/context/supersede/file-deletes.ts";
import { int } from "../views/literals.ts";
import { columnOf, schemaWith, withTable, type Row } from "../views/stored-table.ts";

const schema = schemaWith(1, [columnOf(1, "a", int(32))]);
const reserved = [fileColumn];

const from = (...names: readonly string[]): readonly Row[] =>
  names.map(
    (name) =>
      new Map([
        [1, "1"],
        [fileColumn.id, name],
      ]),
  );

test("rows of changed and removed files are masked, unless they are or came later", async () => {
  await withTable(async (table, duckDb) => {
    const names = ["'a.csv'", "'it''s/b.csv'", "'c.csv'", "'a.csv'"];
    const first = await table.addPart(schema, from(...names), { reserved });
    const second = await table.addPart(schema, from("'a.csv'", "NULL"), { reserved });
    await table.addDeletes([{ fileId: first.fileId, row: 3 }]);
    const base = [...table.files];
    const staged = [
      await table.addPart(schema, from("'a.csv'", "'c.csv'"), { reserved }),
      await table.addPart(schema, from("'a.csv'", "'it''s/b.csv'"), { reserved }),
    ];
    const masked = async (parts: readonly (typeof staged)[number][]) => {
      const query = fileDeletesQuery({
        fileColumn,
        base: table.state(schema, { files: base }),
        schemas: table.schemas,
        staged: parts,
        gone: [
          { name: "a.csv", stagedBefore: 1 },
          { name: "it's/b.csv", stagedBefore: 0 },
          { name: "unknown.csv", stagedBefore: 2 },
        ],
        root: table.root,
      });
      const rows = await duckDb.rows(query);
      return rows.map((row) => `${Number(row["file_id"])}:${Number(row["row_number"])}`);
    };
    const ofBase = [`${first.fileId}:0`, `${first.fileId}:1`, `${second.fileId}:0`];
    expect(await masked(staged)).toEqual([...ofBase, `${staged[0]?.fileId}:0`]);
    expect(await masked([])).toEqual(ofBase);
  });
});
