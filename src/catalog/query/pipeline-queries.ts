/** Pipelines as the port answers them; one that a rebuild left without key and spec is hidden. */
import type { PipelineSpec } from "../../core/pipeline.ts";
import { pageRowsMax, type PipelineRecord } from "../../core/ports/catalog.ts";
import { microsText } from "../apply/micros.ts";
import type { SqlDatabase } from "../apply/sql-database.ts";

interface Row {
  readonly pipelineId: string;
  readonly key: string;
  readonly spec: string;
  readonly createdAt: number;
  readonly epoch: number | null;
}

const columns = "pipeline_id as pipelineId, key, spec, created_at as createdAt, epoch";

/** What may name a pipeline: the first that is given counts. */
export interface PipelineName {
  readonly id?: string;
  readonly name?: string;
  readonly key?: string;
}

/** The pipeline by its id, name or key. */
export function queryPipeline(database: SqlDatabase, by: PipelineName): PipelineRecord | null {
  const [column, value] = columnOf(by);
  const row = database.get<Row>(
    { sql: `select ${columns} from pipelines where ${column} = ? and spec is not null` },
    value,
  );
  return row === undefined ? null : recordOf(row);
}

function columnOf({
  id,
  name,
  key,
}: PipelineName): readonly ["pipeline_id" | "name" | "key", string] {
  if (id !== undefined) return ["pipeline_id", id];
  return name === undefined ? ["key", key ?? ""] : ["name", name];
}

/** A page of pipelines by name. */
export function queryPipelines(
  database: SqlDatabase,
  afterName: string | null,
): readonly PipelineRecord[] {
  return database
    .all<Row>(
      {
        sql: `select ${columns} from pipelines where name > ? and spec is not null order by name limit ?`,
      },
      afterName ?? "",
      pageRowsMax,
    )
    .map(recordOf);
}

function recordOf(row: Row): PipelineRecord {
  return {
    ...row,
    spec: JSON.parse(row.spec) as PipelineSpec, // written by register_pipeline
    createdAt: microsText(row.createdAt),
  };
}
