/**
 * What DuckDB makes of dates and times at their ends, once they are in Parquet: infinite ones are
 * infinite, finite ones are not, and 24:00:00 is a time.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDuckDb } from "../../../../src/context/duckdb/open-duckdb.ts";
import { encodePart } from "../../../../src/context/stage/encode-part.ts";
import { withFolder } from "../../../context/temporary-folder.ts";
import { copyOfRows, int32, int64, planOf, plans, row } from "../copy/copy-bytes.ts";
import { decodeAll } from "./read-from-server.ts";

const [int64Max, int64Min] = [2n ** 63n - 1n, -(2n ** 63n)];
const [int32Max, int32Min] = [2 ** 31 - 1, -(2 ** 31)];
/** Microseconds, and days, from 1970-01-01 to 2000-01-01. */
const [epochMicros, epochDays] = [946_684_800_000_000n, 10_957];

test("infinities and their neighbours come back as what they were", async () => {
  const moment = planOf("at", { kind: "timestamp", zoned: false }, { kind: "timestamp" });
  const columns = [moment, plans.date, plans.time];
  const rows = [
    row(int64(int64Max), int32(int32Max), int64(86_400_000_000n)),
    row(int64(int64Min), int32(int32Min), int64(0n)),
    row(int64(int64Max - epochMicros - 1n), int32(2_145_031_948), int64(86_399_999_999n)),
    row(int64(-211_813_488_000_000_000n), int32(-2_451_545), int64(1n)),
    row(int64(-epochMicros), int32(-epochDays), null),
  ];
  const [batch] = decodeAll(columns, [copyOfRows(...rows)]);
  const named = batch?.columns.map((vector, id) => ({ id, name: `c${id}`, vector })) ?? [];
  await withFolder(async (folder) => {
    const path = join(folder, "part.parquet");
    await writeFile(path, await encodePart({ columns: named, rows: rows.length }));
    const temporaryFolder = join(folder, "temp");
    const duckDb = await openDuckDb({ threads: 1, memoryLimit: "256MB", temporaryFolder });
    try {
      const found = await duckDb.rows(`SELECT isinf(c0) AS infinite, c0::VARCHAR AS moment,
        isinf(c1) AS infinite_date, c1::VARCHAR AS date, c2::VARCHAR AS time FROM '${path}'`);
      expect(found.map((it) => Object.values(it))).toEqual([
        [true, "infinity", true, "infinity", "24:00:00"],
        [true, "-infinity", true, "-infinity", "00:00:00"],
        [false, "294247-01-10 04:00:54.775806", false, "5874897-12-31", "23:59:59.999999"],
        [false, "4714-11-24 (BC) 00:00:00", false, "4714-11-24 (BC)", "00:00:00.000001"],
        [false, "1970-01-01 00:00:00", false, "1970-01-01", null],
      ]);
    } finally {
      duckDb.close();
    }
  });
});
