/** What a scan of files would yield: the Scanner port, by DuckDB. */
import { HakiriError } from "../../core/error.ts";
import type { ScanDescription, ScanQuestion } from "../../core/ports/scanner.ts";
import type { CsvDialect, Scan } from "../../core/scan.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { describeCsv } from "./describe-csv.ts";
import { describeJson } from "./describe-json.ts";
import { describeParquet } from "./describe-parquet.ts";
import { scanFault } from "./scan-fault.ts";
import { fieldColumn, scanRelation } from "./scan-relation.ts";

/** Most files that one question may name. */
const describedFilesMax = 1_000_000;

/** Rows of a description's sample. */
const sampleRowsMax = 100;

/** Answers a question as the Scanner port says. */
export async function describeScan(
  duckDb: DuckDb,
  question: ScanQuestion,
  signal: AbortSignal,
): Promise<ScanDescription> {
  if (question.files.length === 0 || question.files.length > describedFilesMax) {
    throw new Error(`expected 1 to ${describedFilesMax} files, got ${question.files.length}`);
  }
  signal.throwIfAborted();
  const stop = (): void => duckDb.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await describe(duckDb, question);
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(error, question);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function describe(duckDb: DuckDb, question: ScanQuestion): Promise<ScanDescription> {
  const { scan, dialect, cut = [] } = await scanOf(duckDb, question);
  return {
    schema: { fields: scan.fields, primaryKey: [] },
    dialect,
    ...(scan.kind === "json" && scan.isWritten === true && { isWritten: true }),
    ...(cut.length > 0 && { cut }),
    sample: await sampleOf(duckDb, scan),
  };
}

interface Found {
  readonly scan: Scan;
  readonly dialect: CsvDialect | null;
  readonly cut?: ScanDescription["cut"];
}

async function scanOf(duckDb: DuckDb, question: ScanQuestion): Promise<Found> {
  const common = { files: question.files, onBadRow: "error", rowsMax: null } as const;
  switch (question.kind) {
    case "csv": {
      const { fields, dialect } = await describeCsv(duckDb, question);
      return { scan: { kind: "csv", ...common, fields, fileFields: fields, dialect }, dialect };
    }
    case "json": {
      const { fields, isWritten } = await describeJson(duckDb, question);
      const { layout } = question;
      return { scan: { kind: "json", ...common, fields, layout, isWritten }, dialect: null };
    }
    case "parquet": {
      const { fields, cut } = await describeParquet(duckDb, question);
      const scan = { kind: "parquet", ...common, fields, fileFields: fields } as const;
      return { scan, dialect: null, cut };
    }
  }
}

/** Only rows that are fine: a sample needn't tell of each. */
async function sampleOf(duckDb: DuckDb, scan: Scan): Promise<ScanDescription["sample"]> {
  if (scan.fields.length === 0) return [];
  const columns = scan.fields.map((_, place) => fieldColumn(place));
  const some: Scan = { ...scan, rowsMax: sampleRowsMax };
  const relation = scanRelation(some, { values: "leave_out", records: "pass_over" });
  const rows = await duckDb.rows(`SELECT ${columns.join(", ")} FROM (${relation}) AS s`);
  return rows.map((row) =>
    Object.fromEntries(
      scan.fields.map(({ name }, place) => [name, row[fieldColumn(place)] ?? null]),
    ),
  );
}

/** Says of which file, where DuckDB doesn't. */
function unreadable(error: unknown, question: ScanQuestion): unknown {
  const told = scanFault(error, question);
  if (!(told instanceof HakiriError)) return told;
  const isTold = told.code.startsWith("file.") || told.code.startsWith("disk.");
  if (told.code !== "file.bad_row" && (isTold || told.code === "duckdb.out_of_memory")) return told;
  const names = question.files.slice(0, 3).map(({ name }) => `'${name}'`);
  // What follows quotes a statement of ours.
  const [reason = ""] = told.message.split("\n\nLINE 1: ");
  return new HakiriError(
    {
      kind: "Permanent",
      code: "file.unreadable",
      message: `expected ${question.kind} in ${names.join(", ")}: ${reason}`,
      hint: "check the file, or name its format",
      where: { file: question.files[0]?.name ?? "", ...told.where },
    },
    { cause: told },
  );
}
