/** The types found for columns of texts, and how often all of them are looked at for that. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvCandidates, inferTypes } from "../../../src/context/scan/infer-types.ts";
import { isoFormats, textReading } from "../../../src/context/scan/text-value.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import type { DataType } from "../../../src/core/type.ts";
import { typeName } from "../../../src/core/type-name.ts";
import { withBench } from "./scan-bench.ts";

/** More rows than are tried with every candidate. */
const headRows = 130;

const samples: readonly (string | null)[] = [
  "7",
  "-12",
  "170141183460469231731687303715884105",
  "1.5",
  "0.1",
  "1e3",
  "007",
  "nan",
  "true",
  "FALSE",
  "2024-01-01",
  "2024-01-01 10:00:00",
  "2024-01-01T10:00:00Z",
  "10:00:00",
  "id",
  "",
  "it's",
  "1".repeat(70),
  "\u{1F600}".repeat(40),
  null,
];

async function makeTable(duckDb: DuckDb, columns: readonly (readonly (string | null)[])[]) {
  const rows = Math.max(...columns.map((texts) => texts.length));
  const lines = Array.from({ length: rows }, (_, row) => {
    const values = columns.map((texts) => texts[row] ?? null);
    return `(${values.map((text) => (text === null ? "NULL" : quoteText(text))).join(", ")})`;
  });
  const names = columns.map((_, place) => `p${place}`);
  const types = names.map((name) => `${name} VARCHAR`);
  await duckDb.run(`CREATE OR REPLACE TABLE looked_at (${types.join(", ")})`);
  await duckDb.run(`INSERT INTO looked_at VALUES ${lines.join(", ")}`);
  return { relation: "SELECT * FROM looked_at", columns: names };
}

const asked = { candidates: csvCandidates, formats: isoFormats };

/** By asking for each candidate and text alone. */
async function firstThatHolds(
  duckDb: DuckDb,
  texts: readonly (string | null)[],
): Promise<DataType> {
  const there = [...new Set(texts.filter((text) => text !== null))];
  if (there.length === 0) return { kind: "null" };
  for (const candidate of csvCandidates) {
    const reading = textReading(candidate, isoFormats);
    if (reading === null) throw new Error("expected a candidate with a cast");
    const list = there.map((text) => `(${quoteText(text)})`).join(", ");
    const isHeld = `coalesce(${reading.isExact("v", reading.cast("v"))}, false)`;
    const [row] = await duckDb.rows(
      `SELECT bool_and(${isHeld}) AS ok FROM (VALUES ${list}) AS t(v)`,
    );
    if (row?.["ok"] === true) return candidate;
  }
  return { kind: "text" };
}

test("the type is the first that holds all texts, wherever they stand", async () => {
  await withBench(async ({ duckDb }) => {
    const text = fc.constantFrom(...samples);
    const column = fc
      .tuple(text, fc.array(text, { maxLength: 4 }))
      .map(([head, tail]) => [...Array.from({ length: headRows }, () => head), ...tail]);
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 6 }), async (columns) => {
        const found = await inferTypes(duckDb, {
          ...(await makeTable(duckDb, columns)),
          ...asked,
        });
        const expected: DataType[] = [];
        for (const texts of columns) {
          const first = await firstThatHolds(duckDb, texts);
          const isNumeric = first.kind === "text" && first.tag === "numeric";
          // Decimals of their own size are found among those, which is another question.
          const other = isNumeric ? found[expected.length] : undefined;
          expected.push(other?.kind === "decimal" ? other : first);
        }
        expect(found.map(typeName)).toEqual(expected.map(typeName));
      }),
      { numRuns: 40 },
    );
  });
});

test("a text far down that no type holds costs no further look at all texts", async () => {
  await withBench(async ({ duckDb }) => {
    const numbers = Array.from({ length: headRows }, (_, row) => String(row));
    const texts = await makeTable(duckDb, [
      [...numbers, "id", "7"],
      [...numbers, "1.5"],
    ]);
    let looks = 0;
    const counting: DuckDb = {
      ...duckDb,
      rows: (sql) => {
        looks += sql.includes("looked_at") ? 1 : 0;
        return duckDb.rows(sql);
      },
    };
    const types = await inferTypes(counting, { ...texts, ...asked, columns: ["p0"] });
    expect(types.map(typeName)).toEqual(["text"]);
    // The head, and all with the type of the head.
    expect(looks).toBe(2);
    looks = 0;
    expect((await inferTypes(counting, { ...texts, ...asked })).map(typeName)).toEqual([
      "text",
      "float64",
    ]);
    expect(looks).toBe(3);
  });
});
