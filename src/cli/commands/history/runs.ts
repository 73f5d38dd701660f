/** `hakiri runs`: the runs of a store, the newest first. */
import type { Catalog, RunRecord } from "../../../core/ports/catalog.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { renderTable } from "../../text/table.ts";
import type { Engine } from "../engine.ts";
import { allPipelines, findPipeline } from "../find-pipeline.ts";
import { readProject } from "../project.ts";
import { millisecondsBetween, momentText, spanText } from "./moments.ts";
import { omittedOf, rowsOf, runDocument, snapshotOf } from "./run-document.ts";

/** What was typed. */
export interface RunsInput {
  readonly pipeline: string | undefined;
  readonly limit: number;
}

/** Lists runs. */
export async function runs(
  engine: Engine,
  input: RunsInput,
  context: CommandContext,
): Promise<Answer> {
  return readProject(engine, context, async (project) => {
    const { catalog } = project.store;
    const names = new Map(
      (await allPipelines(catalog)).map(({ pipelineId, spec }) => [pipelineId, spec.name]),
    );
    const pipelineId = await idOf(engine, project, input.pipeline);
    const found =
      pipelineId === undefined ? [] : await newestRuns(catalog, pipelineId, input.limit);
    return {
      text: textOf(found, names, context.terminal.columns),
      document: {
        runs: found.map((run) => runDocument(run, names.get(run.pipelineId) ?? null)),
      },
      exitCode: exitDone,
    };
  });
}

/** Null for every pipeline, undefined for one that has never run. */
async function idOf(
  engine: Engine,
  project: Parameters<Parameters<typeof readProject>[2]>[0],
  name: string | undefined,
): Promise<string | null | undefined> {
  if (name === undefined) return null;
  const { catalog } = project.store;
  return (await findPipeline({ engine, project, catalog }, name)).record?.pipelineId;
}

/** So many of the newest runs, asked for in pages. */
async function newestRuns(
  catalog: Catalog,
  pipelineId: string | null,
  limit: number,
): Promise<readonly RunRecord[]> {
  const found: RunRecord[] = [];
  while (found.length < limit) {
    const page = await catalog.runs({
      pipelineId,
      beforeRunId: found.at(-1)?.runId ?? null,
      limit: limit - found.length,
    });
    if (page.length === 0) break;
    found.push(...page);
  }
  return found;
}

function textOf(
  found: readonly RunRecord[],
  names: ReadonlyMap<string, string>,
  columns: number | null,
): string {
  if (found.length === 0) return "no runs yet\n";
  const left = (name: string) => ({ name, align: "left" }) as const;
  const right = (name: string) => ({ name, align: "right" }) as const;
  return renderTable(
    {
      columns: [
        left("started (UTC)"),
        left("pipeline"),
        left("status"),
        right("snapshot"),
        right("rows"),
        right("took"),
        left("run"),
        left("what"),
      ],
      rows: found.map((run) => [
        momentText(run.startedAt),
        names.get(run.pipelineId) ?? "?",
        run.state.kind,
        String(snapshotOf(run) ?? "-"),
        rowsText(run),
        run.endedAt === null ? "-" : spanText(millisecondsBetween(run.startedAt, run.endedAt)),
        run.runId,
        run.error === null ? run.what : run.error.code,
      ]),
    },
    { widthMax: columns, rowsMax: found.length },
  );
}

function rowsText(run: RunRecord): string {
  const rows = rowsOf(run);
  return rows === null ? "-" : `${countText(rows)}${omittedOf(run) === 0 ? "" : "+"}`;
}
