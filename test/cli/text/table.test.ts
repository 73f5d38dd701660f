/** Tables as they are printed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textWidth } from "../../../src/cli/text/text-width.ts";
import {
  cellCharsMax,
  columnWidthMin,
  renderTable,
  type TableData,
} from "../../../src/cli/text/table.ts";

const people: TableData = {
  columns: [
    { name: "id", align: "right" },
    { name: "name", align: "left" },
  ],
  rows: [
    ["1", "Ada"],
    ["20", "日本"],
    [null, "😀\nx"],
  ],
};
const unbounded = { widthMax: null, rowsMax: 100 };

const linesOf = (text: string) => text.trimEnd().split("\n");

test("a table is a box with numbers on the right and the absent named", () => {
  expect(renderTable(people, unbounded)).toBe(
    [
      "┌──────┬───────┐",
      "│   id │ name  │",
      "├──────┼───────┤",
      "│    1 │ Ada   │",
      "│   20 │ 日本  │",
      "│ NULL │ 😀\\nx │",
      "└──────┴───────┘",
      "",
    ].join("\n"),
  );
});

test("a table without rows keeps its headings, one without columns its frame", () => {
  expect(linesOf(renderTable({ ...people, rows: [] }, unbounded))).toHaveLength(4);
  const none = renderTable({ columns: [], rows: [] }, unbounded);
  expect(linesOf(none)).toHaveLength(4);
});

describe("rows beyond the bound", () => {
  test("are counted, exactly the bound is not", () => {
    expect(renderTable(people, { ...unbounded, rowsMax: 3 })).not.toContain("rows)");
    const cut = renderTable(people, { ...unbounded, rowsMax: 2 });
    expect(linesOf(cut).at(-1)).toBe("(2 of 3 rows)");
    expect(cut).not.toContain("NULL");
  });

  test("are counted by who knows how many there are", () => {
    const cut = renderTable({ ...people, rowsTotal: 12_345 }, unbounded);
    expect(linesOf(cut).at(-1)).toBe("(3 of 12,345 rows)");
  });
});

describe("a table wider than the terminal", () => {
  const wide: TableData = {
    columns: [
      { name: "id", align: "right" },
      { name: "text", align: "left" },
    ],
    rows: [["1", "a text that is too long for it"]],
  };

  test("has its widest cells cut and marked", () => {
    const lines = linesOf(renderTable(wide, { widthMax: 24, rowsMax: 9 }));
    expect(lines[3]).toBe("│  1 │ a text that is… │");
  });

  test("fits to the cell", () => {
    const natural = textWidth(linesOf(renderTable(wide, unbounded))[0] ?? "");
    expect(renderTable(wide, { widthMax: natural, rowsMax: 9 })).not.toContain("…");
    expect(renderTable(wide, { widthMax: natural - 1, rowsMax: 9 })).toContain("…");
  });

  test("leaves columns out where each would be cut below the least width", () => {
    const columns = Array.from({ length: 12 }, (_, at) => ({
      name: `column ${at}`,
      align: "left" as const,
    }));
    const row = columns.map(({ name }) => name);
    const text = renderTable({ columns, rows: [row] }, { widthMax: 50, rowsMax: 9 });
    expect(text).toContain("colum… │");
    expect(text).toContain("│ … │");
    expect(linesOf(text).at(-1)).toBe("(5 of 12 columns)");
    expect(columnWidthMin).toBe(6);
  });
});

test("no table is wider than the terminal, and all lines of its box are equally wide", () => {
  const cell = fc.option(fc.string({ unit: "binary", maxLength: 30 }));
  const align = fc.constantFrom("left" as const, "right" as const);
  const table = fc.integer({ min: 1, max: 8 }).chain((count) =>
    fc.record({
      columns: fc.array(fc.record({ name: fc.string({ maxLength: 30 }), align }), {
        minLength: count,
        maxLength: count,
      }),
      rows: fc.array(fc.array(cell, { minLength: count, maxLength: count }), { maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(table, fc.integer({ min: 20, max: 120 }), (data, widthMax) => {
      const box = linesOf(renderTable(data, { widthMax, rowsMax: 4 })).filter((line) =>
        /^[┌│├└]/u.test(line),
      );
      expect(box).toHaveLength(4 + Math.min(4, data.rows.length));
      const widths = new Set(box.map(textWidth));
      expect(widths.size).toBe(1);
      expect(Math.max(...widths)).toBeLessThanOrEqual(widthMax);
    }),
    { numRuns: 300 },
  );
});

test(`a cell is read up to ${cellCharsMax} characters; more counts as cut off`, () => {
  const table = (length: number): TableData => ({
    columns: [{ name: "x", align: "left" }],
    rows: [["y".repeat(length)]],
  });
  expect(renderTable(table(cellCharsMax), unbounded)).not.toContain("…");
  expect(renderTable(table(cellCharsMax + 1), unbounded)).toContain("y…");
});
