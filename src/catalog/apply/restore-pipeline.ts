/**
 * Pipelines of a catalog that is being rebuilt: each as the last of its commits says that has it.
 *
 *   N1. A name or a key that two pipelines had at different times is the one's whose commit is the
 *       later. The other is called by its name and id, or is without key and spec, until it is
 *       registered again.
 */
import { canonicalJson } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Manifest, RecordedPipeline } from "../../core/snapshot.ts";
import { microsOf } from "./micros.ts";
import { refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Turn } from "./store-row.ts";

interface Row {
  readonly pipelineId: string;
  readonly name: string;
  readonly spec: string | null;
  readonly epoch: number | null;
}

const columns = "pipeline_id as pipelineId, name, spec, epoch";

/** Brings in the pipeline of a commit. Throws Permanent `refused.restore_order`. */
export function restorePipeline({ database }: Turn, manifest: Manifest): void {
  const { pipelineId, pipelineName, epoch, pipeline } = manifest;
  const row = database.get<Row>(
    { sql: `select ${columns} from pipelines where pipeline_id = ?` },
    pipelineId,
  );
  if (row === undefined) {
    database.run(
      `insert into pipelines (pipeline_id, name, key, spec, created_at, epoch)
       values (?, ?, null, null, ?, ?)`,
      pipelineId,
      freeName(pipelineName, pipelineId, database),
      microsOf(manifest.loadedAtMicros),
      epoch,
    );
  } else if (row.epoch !== null && epoch <= row.epoch) {
    throw refused(
      "restore_order",
      `expected an epoch of '${pipelineName}' above ${row.epoch}, got ${epoch}`,
    );
  } else {
    database.run("update pipelines set epoch = ? where pipeline_id = ?", epoch, pipelineId);
  }
  if (pipeline !== null) describe(database, pipelineId, pipeline);
}

function describe(database: SqlDatabase, pipelineId: string, pipeline: RecordedPipeline): void {
  const { key, spec } = pipeline;
  const others = database.all<Row & { readonly key: string | null }>(
    {
      sql: `select ${columns}, key from pipelines where (name = ? or key = ?) and pipeline_id <> ?`,
    },
    spec.name,
    key,
    pipelineId,
  );
  for (const other of others) giveWay(database, other, other.key === key); // N1
  database.run(
    "update pipelines set name = ?, key = ?, spec = ? where pipeline_id = ?",
    spec.name,
    key,
    canonicalJson(spec),
    pipelineId,
  );
}

function giveWay(database: SqlDatabase, { pipelineId, name, spec }: Row, losesKey: boolean): void {
  const told = toldById(name, pipelineId);
  if (losesKey || spec === null) {
    database.run(
      "update pipelines set name = ?, key = null, spec = null where pipeline_id = ?",
      told,
      pipelineId,
    );
    return;
  }
  const known = JSON.parse(spec) as PipelineSpec; // written by `describe`
  database.run(
    "update pipelines set name = ?, spec = ? where pipeline_id = ?",
    told,
    canonicalJson({ ...known, name: told }),
    pipelineId,
  );
}

function freeName(name: string, pipelineId: string, database: SqlDatabase): string {
  const taken = database.get({ sql: "select 1 from pipelines where name = ?" }, name);
  return taken === undefined ? name : toldById(name, pipelineId);
}

function toldById(name: string, pipelineId: string): string {
  const suffix = ` (${pipelineId})`;
  return name.endsWith(suffix) ? name : `${name}${suffix}`;
}
