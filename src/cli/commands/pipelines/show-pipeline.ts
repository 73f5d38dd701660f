/** `hakiri pipeline show`: one pipeline as it is meant, and what there is of it. */
import { pipelineDocument } from "../../../config/pipeline-document.ts";
import { writePipelineToml } from "../../../config/write-pipeline-toml.ts";
import type { Catalog, PipelineRecord, RunRecord } from "../../../core/ports/catalog.ts";
import { formatTableName } from "../../../core/table-name.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { visibleLines, visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { findPipeline, type FoundPipeline } from "../find-pipeline.ts";
import { momentDocument, momentText } from "../history/moments.ts";
import { runDocument } from "../history/run-document.ts";
import { locateProject, withAnyStore } from "../project.ts";

/** What was typed. */
export interface ShowInput {
  readonly name: string;
  /** Whether only the text of a pipeline file is wanted. */
  readonly asToml: boolean;
}

/** Shows a pipeline. */
export async function showPipeline(
  engine: Engine,
  { name, asToml }: ShowInput,
  context: CommandContext,
): Promise<Answer> {
  const project = await locateProject(context);
  return withAnyStore(engine, project, async (store) => {
    const catalog = store?.catalog ?? null;
    const found = await findPipeline({ engine, project, catalog }, name);
    const toml = writePipelineToml(found.spec);
    if (asToml) return { text: toml, document: { toml }, exitCode: exitDone };
    const more = found.record === null ? nothing : await stored(catalog, found.record);
    return {
      text: textOf(found, toml, more),
      document: {
        name: found.spec.name,
        pipeline_id: found.record?.pipelineId ?? null,
        file: found.file,
        created_at: found.record === null ? null : momentDocument(found.record.createdAt),
        spec: pipelineDocument(found.spec),
        tables: more.tables,
        last_run: more.lastRun === null ? null : runDocument(more.lastRun, found.spec.name),
      },
      exitCode: exitDone,
    };
  });
}

interface Stored {
  /** Names of the tables that it owns. */
  readonly tables: readonly string[];
  readonly lastRun: RunRecord | null;
}

const nothing: Stored = { tables: [], lastRun: null };

async function stored(catalog: Catalog | null, { pipelineId }: PipelineRecord): Promise<Stored> {
  if (catalog === null) return nothing;
  const tables = await catalog.tables((await catalog.head()).sequence);
  const [lastRun] = await catalog.runs({ pipelineId, beforeRunId: null, limit: 1 });
  return {
    tables: tables
      .filter(({ ownerPipelineId }) => ownerPipelineId === pipelineId)
      .map(formatTableName),
    lastRun: lastRun ?? null,
  };
}

function textOf(found: FoundPipeline, toml: string, { tables, lastRun }: Stored): string {
  const from = found.file ?? "hakiri ingest; --toml prints it as a file";
  const last =
    lastRun === null
      ? "never"
      : `${momentText(lastRun.startedAt)} UTC, ${lastRun.state.kind}, ${lastRun.runId}`;
  const lines = [
    `# from ${from}`,
    `# tables: ${tables.length === 0 ? "none yet" : tables.join(", ")}`,
    `# last run: ${last}`,
  ];
  return `${lines.map(visibleText).join("\n")}\n${visibleLines(toml)}`;
}
