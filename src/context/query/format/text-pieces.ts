/** The text of a result as bytes, in pieces of about one size, whatever the size of its rows. */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { HakiriError } from "../../../core/error.ts";
import type { RowWriter } from "./row-writer.ts";

/** A piece is sent once it has this many UTF-16 units; one row may make it larger. */
const pieceLengthTarget = 128 * 1024;

/** Yields the document of a result, UTF-8. Each piece is an allocation of its own. */
export async function* textPieces(
  chunks: AsyncIterable<DuckDBDataChunk>,
  writer: RowWriter,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new TextEncoder();
  let text = writer.begin;
  for await (const chunk of chunks) {
    const rowText = writer.rows(chunk);
    for (let row = 0; row < chunk.rowCount; row += 1) {
      text = joined(text, rowText, row);
      if (text.length < pieceLengthTarget) continue;
      yield encoder.encode(text);
      text = "";
    }
  }
  text += writer.end;
  if (text !== "") yield encoder.encode(text);
}

/** JavaScript's texts have a longest length, some 500 million units. */
function joined(text: string, rowText: (row: number) => string, row: number): string {
  try {
    return text + rowText(row);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HakiriError(
      {
        kind: "Permanent",
        code: "query.row_too_large",
        message: "expected rows of at most 500 MB as text, got a larger one",
        hint: "choose fewer columns, or write Parquet: --format parquet",
      },
      { cause: error },
    );
  }
}
