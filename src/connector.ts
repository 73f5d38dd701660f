/**
 * What a connector may use of hakiri: the port that it implements, the values that go through it,
 * and the pure rules that every connector needs. The one module that only gathers others.
 */
export type { RecordBatch, Vector } from "./core/batch.ts";
export {
  boundaryFilesMax,
  boundaryKeysMax,
  cursorBytesMax,
  type Boundary,
  type ReadCursor,
  type ResumeKind,
  type StoredCursor,
} from "./core/cursor.ts";
export {
  HakiriError,
  toHakiriError,
  usageError,
  type ErrorKind,
  type ErrorRecord,
  type ErrorWhere,
} from "./core/error.ts";
export { quoteIdentifier, quoteText } from "./core/identifier.ts";
export { durationPattern, parseDuration } from "./core/duration.ts";
export { canonicalJson, type Json } from "./core/json.ts";
export { nearest } from "./core/near-miss.ts";
export type { Disposition, OnFileChange } from "./core/pipeline.ts";
export type { Clock, ScheduledCall } from "./core/ports/clock.ts";
export type { Random } from "./core/ports/random.ts";
export type { ScanDescription, Scanner, ScanQuestion } from "./core/ports/scanner.ts";
export type {
  OpenRequest,
  Partition,
  ReadEnd,
  Reader,
  ReadItem,
  ReadLimits,
  ReadRange,
  ScanItem,
  Source,
  SourceContext,
  SourceSession,
  StartCursor,
  StreamDescription,
} from "./core/ports/source.ts";
export type { CsvDialect, JsonLayout, OnBadRow, Scan, ScanFile } from "./core/scan.ts";
export { reservedPrefix, type StreamSchema } from "./core/schema.ts";
export type { DataType, Field, NestedType, TextTag } from "./core/type.ts";
export { typeName } from "./core/type-name.ts";
export { settingsError } from "./core/settings-error.ts";
export { respell } from "./core/respell.ts";
export { bitAt } from "./columns/bitmap.ts";
export { integerReader } from "./columns/integer-reader.ts";
export { jsonRowsOf, jsonTextOf, type JsonText } from "./columns/json-text.ts";
export { takeRows } from "./columns/take-rows.ts";
export { vectorBuilder } from "./columns/vector-builder.ts";
export { uniqueNames } from "./core/unique-names.ts";
export { ranged, unify, type RangedType, type Unified } from "./core/unify.ts";
