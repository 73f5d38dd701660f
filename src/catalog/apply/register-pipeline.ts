/**
 * `register_pipeline`: the key says whether two pipelines are one; the name is what users type, so
 * no two have the same.
 */
import type { CatalogAnswers, RegisterPipeline } from "../../core/catalog-command.ts";
import { canonicalJson } from "../../core/json.ts";
import { microsOf } from "./micros.ts";
import { conflict } from "../../core/refusal.ts";
import type { Turn } from "./store-row.ts";

interface Row {
  readonly pipelineId: string;
  readonly key: string | null;
}

const columns = "pipeline_id as pipelineId, key";

/**
 * Stores the pipeline, or changes name and spec of the one with this key. In a rebuilt store a
 * pipeline without a key gets it, found by its id or name. Throws Permanent
 * `conflict.pipeline_exists` where the name or the id is another pipeline's.
 */
export function registerPipeline(
  { database }: Turn,
  command: RegisterPipeline,
): CatalogAnswers["register_pipeline"] {
  const { key, spec } = command;
  const byKey = database.get<Row>({ sql: `select ${columns} from pipelines where key = ?` }, key);
  const byName = database.get<Row>(
    { sql: `select ${columns} from pipelines where name = ?` },
    spec.name,
  );
  const byId = database.get<Row>(
    { sql: `select ${columns} from pipelines where pipeline_id = ?` },
    command.pipelineId,
  );
  const found = byKey ?? [byId, byName].find((row) => row?.key === null);
  if (byName !== undefined && byName.pipelineId !== found?.pipelineId) {
    throw conflict(
      "pipeline_exists",
      `expected a name of no other pipeline, but '${spec.name}' is already one`,
      "give this one another name",
    );
  }
  if (found !== undefined) {
    database.run(
      "update pipelines set name = ?, key = ?, spec = ? where pipeline_id = ?",
      spec.name,
      key,
      canonicalJson(spec),
      found.pipelineId,
    );
    return { created: false, pipelineId: found.pipelineId };
  }
  if (byId !== undefined) {
    throw conflict(
      "pipeline_exists",
      `expected an id of no other pipeline, but '${command.pipelineId}' has another key`,
      "",
    );
  }
  database.run(
    `insert into pipelines (pipeline_id, name, key, spec, created_at, epoch)
     values (?, ?, ?, ?, ?, null)`,
    command.pipelineId,
    spec.name,
    key,
    canonicalJson(spec),
    microsOf(command.at),
  );
  return { created: true, pipelineId: command.pipelineId };
}
