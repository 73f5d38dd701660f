// Lane `write`: what it costs to make Parquet of record batches, against parquet-wasm tuned for the
// same columns and DuckDB's own writer over such rows in memory, and whether a thread of its own
// for encoding pays.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { Piscina } from "piscina";

import type { NamedColumn } from "../../src/columns/named-column.ts";
import { encodeNestedPart } from "../../src/context/stage/encode-nested-part.ts";
import { encodePart, type EncodePart } from "../../src/context/stage/encode-part.ts";
import { pooledEncoder } from "../../src/context/stage/pooled-encoder.ts";
import { type Figure, figureOf } from "../figure.ts";
import type { LaneOptions } from "../lane.ts";
import { interleave } from "../measure/interleave.ts";
import { median, pairedRatios } from "../measure/statistics.ts";
import { mixedBatch, mixedRowsSql } from "../store/mixed-rows.ts";

const DEFAULT_ROUNDS = 5;
const BATCHES = 16;
const BATCH_ROWS = 65_536;
const ROWS = BATCHES * BATCH_ROWS;
/** As in a run: how many batches may be encoded while the next one is read. */
const BATCHES_IN_FLIGHT = 3;
const LANE = "write";
const CPU_MAX = 0.6;
const SIZE_MAX = 1.05;

type Cost = { readonly wallMs: number; readonly cpuMs: number; readonly bytes: number };

/** Measures; see bench/README.md. */
export async function runLane(options: LaneOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-bench-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const duckDb = await instance.connect();
  const pool = new Piscina({
    filename: new URL("../../src/context/stage/encode-task.ts", import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
  });
  try {
    options.progress(`${ROWS} rows in memory`);
    await duckDb.run(`CREATE TABLE mixed AS ${mixedRowsSql(ROWS)}`);
    const batches = Array.from({ length: BATCHES }, (_, batch) => read(batch));
    const made = (batch: number): readonly NamedColumn[] => batches[batch] ?? [];
    const pooled = pooledEncoder(pool);
    const inFlightMax = BATCHES_IN_FLIGHT;
    const rounds = await interleave({
      subjects: {
        duckdb: () => copied(duckDb, folder),
        wasm: () => costOf(() => encoded(folder, byWasm, { batchOf: made, inFlightMax: 1 })),
        encode: () => costOf(() => encoded(folder, encodePart, { batchOf: made, inFlightMax: 1 })),
        thread: () => costOf(() => encoded(folder, encodePart, { batchOf: read, inFlightMax: 1 })),
        pool: () => costOf(() => encoded(folder, pooled, { batchOf: read, inFlightMax })),
      },
      rounds: options.rounds ?? DEFAULT_ROUNDS,
      warmupRounds: 1,
      seed: options.seed,
      onRound: (at, order) => options.progress(`round ${at}: ${order.join(" ")}`),
    });
    return figures(rounds);
  } finally {
    await pool.close();
    duckDb.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rival: what parts with nested columns are written by, with settings for each column. */
const byWasm: EncodePart = ({ columns, rows }) => encodeNestedPart(columns, rows);

/** Reads a batch as a connector makes it, row by row. */
function read(batch: number): readonly NamedColumn[] {
  return mixedBatch(batch * BATCH_ROWS, BATCH_ROWS);
}

type Reading = {
  readonly batchOf: (batch: number) => readonly NamedColumn[];
  readonly inFlightMax: number;
};

/** Reads all batches, and encodes and writes each. Answers the bytes. */
async function encoded(
  folder: string,
  encode: EncodePart,
  { batchOf, inFlightMax }: Reading,
): Promise<number> {
  const inFlight = new Set<Promise<void>>();
  let bytes = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const columns = batchOf(batch);
    const part = encode({ columns, rows: BATCH_ROWS }).then(async (encodedBytes) => {
      bytes += encodedBytes.length;
      await writeFile(join(folder, `${batch}.parquet`), encodedBytes);
    });
    const done = part.finally(() => inFlight.delete(done));
    inFlight.add(done);
    if (inFlight.size >= inFlightMax) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  return bytes;
}

async function copied(duckDb: DuckDBConnection, folder: string): Promise<Cost> {
  const path = join(folder, "rival.parquet");
  return costOf(async () => {
    const result = await duckDb.runAndReadAll(
      `COPY mixed TO '${path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ` +
        "PARQUET_VERSION v2, RETURN_STATS)",
    );
    return Number(result.getRowObjects()[0]?.["file_size_bytes"]);
  });
}

/** The CPU time is that of this whole process, its other threads included. */
async function costOf(work: () => Promise<number>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const bytes = await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000, bytes };
}

type Rounds = Readonly<Record<"duckdb" | "wasm" | "encode" | "thread" | "pool", readonly Cost[]>>;

function figures({ duckdb, wasm, encode, thread, pool }: Rounds): readonly Figure[] {
  const all = (costs: readonly Cost[], what: keyof Cost): number[] =>
    costs.map((cost) => cost[what]);
  const perRow = (milliseconds: number): number => (milliseconds * 1000) / ROWS;
  const cpuMsPerOp = median(all(encode, "cpuMs"));
  const rivalOf = (name: string, costs: readonly Cost[], what: "cpuMs" | "bytes" | "wallMs") => ({
    name,
    value: median(all(costs, what)),
    unit: what === "bytes" ? "bytes" : "ms",
    cpuMsPerOp: median(all(costs, "cpuMs")),
  });
  const tuned = "parquet-wasm, tuned for these columns, zstd";
  const copy = "DuckDB COPY of a table in memory, one thread, zstd";
  return [
    figureOf(pairedRatios(all(encode, "cpuMs"), all(wasm, "cpuMs")), {
      lane: LANE,
      figure: "encode.cpu",
      unit: "x",
      goal: { max: CPU_MAX },
      cpuMsPerOp,
      rival: rivalOf(tuned, wasm, "cpuMs"),
    }),
    figureOf(pairedRatios(all(encode, "bytes"), all(wasm, "bytes")), {
      lane: LANE,
      figure: "encode.size",
      unit: "x",
      goal: { max: SIZE_MAX },
      cpuMsPerOp,
      rival: rivalOf(tuned, wasm, "bytes"),
    }),
    figureOf(all(encode, "cpuMs").map(perRow), {
      lane: LANE,
      figure: "encode.cpu_per_row",
      unit: "us",
      goal: null,
      rival: { name: tuned, value: perRow(median(all(wasm, "cpuMs"))), unit: "us" },
    }),
    figureOf(pairedRatios(all(encode, "cpuMs"), all(duckdb, "cpuMs")), {
      lane: LANE,
      figure: "duckdb.cpu",
      unit: "x",
      goal: null,
      cpuMsPerOp,
      rival: rivalOf(copy, duckdb, "cpuMs"),
    }),
    figureOf(pairedRatios(all(encode, "bytes"), all(duckdb, "bytes")), {
      lane: LANE,
      figure: "duckdb.size",
      unit: "x",
      goal: null,
      cpuMsPerOp,
      rival: rivalOf(copy, duckdb, "bytes"),
    }),
    figureOf(pairedRatios(all(thread, "wallMs"), all(pool, "wallMs")), {
      lane: LANE,
      figure: "pool.speed",
      unit: "x",
      goal: null,
      cpuMsPerOp: median(all(pool, "cpuMs")),
      limit: rivalOf("the same with encoding in the reader's thread", thread, "wallMs"),
    }),
  ];
}
