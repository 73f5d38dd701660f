/**
 * Flat columns, and lists of flat items, to the bytes of a Parquet file, straight from the typed
 * arrays that a batch holds. One page a column and row group; what encodings are chosen, and why,
 * is told by ADR 0013.
 */
import type { Vector } from "../../core/batch.ts";
import { bitAt } from "../bitmap.ts";
import { fixedWidthOf } from "../fixed-width.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import type { NamedColumn } from "../named-column.ts";
import { sliceVector } from "../slice-vector.ts";
import { ChunkWriter, type ColumnChunk, type Compress } from "./column-chunk.ts";
import { appendFooter, type IndexedChunk } from "./footer.ts";
import { appendColumnIndex, appendOffsetIndex } from "./page-index.ts";
import { columnTypeOf, type SchemaColumn } from "./storage.ts";

/** Writes a file of columns, each of so many rows and such that the writer `mayWrite` it. */
export type WriteParquet = (columns: readonly NamedColumn[], rows: number) => Uint8Array;

/** Rows of a row group, those of the largest part: a multiple of 8, since bitmaps are cut there. */
export const rowGroupRows = 65_536;

const magic = "PAR1";

/**
 * A writer of files; it keeps the room that it works in for the next one. Answers bytes in an
 * allocation of their own. Throws a defect for a column that it may not write, and for a page of
 * 2 GiB or more.
 */
export function parquetWriter(compress: Compress): WriteParquet {
  const chunks = new ChunkWriter(compress);
  return (columns, rows) => {
    const schema = columns.map(schemaColumnOf);
    const file = new GrowingBytes();
    file.append(new TextEncoder().encode(magic));
    const groups: (readonly ColumnChunk[])[] = [];
    for (let from = 0; from < rows; from += rowGroupRows) {
      const to = Math.min(from + rowGroupRows, rows);
      groups.push(columns.map(({ vector }) => chunks.append(file, rowsOf(vector, from, to))));
    }
    const rowGroups = indexed(file, groups);
    const footerFrom = file.sizeBytes;
    appendFooter(file, { columns: schema, rowGroups, rows });
    const footerBytes = file.sizeBytes - footerFrom;
    file.appendZeros(4);
    file.view.setUint32(file.sizeBytes - 4, footerBytes, true);
    file.append(new TextEncoder().encode(magic));
    return file.take();
  };
}

/**
 * Whether the writer takes the column: a flat one, or a list of flat items all of which are in its
 * lists. Arrow allows items before and after, and under a null.
 */
export function mayWrite({ type, length, validity, offsets, children }: Vector): boolean {
  const columnType = columnTypeOf(type);
  if (columnType?.kind !== "list") return columnType !== null;
  if (offsets?.[0] !== 0 || offsets[length] !== children[0]?.length) return false;
  for (let row = 0; validity !== null && row < length; row += 1) {
    if (!bitAt(validity, row) && offsets[row] !== offsets[row + 1]) return false;
  }
  return true;
}

function schemaColumnOf({ id, name, vector }: NamedColumn): SchemaColumn {
  const type = mayWrite(vector) ? columnTypeOf(vector.type) : null;
  if (type === null) throw new Error(`expected a flat column or a list of such, got ${name}`);
  return { id, name, type };
}

/** All column indexes, then all offset indexes: who wants the one kind reads it at once. */
function indexed(
  file: GrowingBytes,
  groups: readonly (readonly ColumnChunk[])[],
): readonly (readonly IndexedChunk[])[] {
  const columnIndexes = groups.map((group) => group.map((chunk) => appendColumnIndex(file, chunk)));
  return groups.map((group, at) =>
    group.map((chunk, column) => ({
      chunk,
      columnIndex: columnIndexes[at]?.[column] ?? null,
      offsetIndex: appendOffsetIndex(file, chunk),
    })),
  );
}

/** Views of the rows from `from`, a multiple of 8, up to but without `to`; a copy of a list's. */
function rowsOf(vector: Vector, from: number, to: number): Vector {
  if (from === 0 && to === vector.length) return vector;
  if (vector.type.kind === "list") return sliceVector(vector, from, to);
  const { type, validity, offsets, values } = vector;
  const width = fixedWidthOf(type);
  return {
    ...vector,
    length: to - from,
    validity: validity?.subarray(from >>> 3, Math.ceil(to / 8)) ?? null,
    offsets: offsets?.subarray(from, to + 1) ?? null,
    values:
      width !== null
        ? values.subarray(from * width, to * width)
        : type.kind === "bool"
          ? values.subarray(from >>> 3, Math.ceil(to / 8))
          : values,
  };
}
