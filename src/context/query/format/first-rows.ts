/** The first rows of a result as texts for people, and how many rows there are in all. */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { countedRowsMax, type ResultRows } from "../protocol.ts";
import { cellsOf, type WrittenColumn } from "./row-writer.ts";
import { plainText } from "./value-text.ts";

/** Most UTF-16 units of one cell; the rest of a longer one is cut off. */
const cellLengthMax = 16 * 1024;

/** Reads `rowsMax` rows as texts and counts on, at most `countedRowsMax` more. */
export async function firstRows(
  chunks: AsyncIterable<DuckDBDataChunk>,
  columns: readonly WrittenColumn[],
  rowsMax: number,
): Promise<ResultRows> {
  const texts = columns.map(({ type }) => plainText(type));
  const rows: (string | null)[][] = [];
  let rowsTotal = 0;
  for await (const chunk of chunks) {
    const wanted = Math.min(chunk.rowCount, rowsMax - rows.length);
    if (wanted > 0) {
      const cells = texts.map((text, index) => cellsOf(chunk, index, text));
      for (let row = 0; row < wanted; row += 1) rows.push(cells.map((cell) => cut(cell(row))));
    }
    rowsTotal += chunk.rowCount;
    if (rowsTotal > rowsMax + countedRowsMax) return { rows, rowsTotal: null };
  }
  return { rows, rowsTotal };
}

function cut(text: string | null): string | null {
  return text === null || text.length <= cellLengthMax ? text : text.slice(0, cellLengthMax);
}
