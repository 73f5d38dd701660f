/** `hakiri pipeline list`: the pipelines of the project's files and of the catalog. */
import { loadPipelines, type PipelineFile } from "../../../config/project-folder.ts";
import type { HakiriError } from "../../../core/error.ts";
import type { Json } from "../../../core/json.ts";
import type { Catalog, PipelineRecord, RunRecord } from "../../../core/ports/catalog.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { errorDocument } from "../../error-document.ts";
import { exitDone } from "../../exit-code.ts";
import { renderTable } from "../../text/table.ts";
import type { Engine } from "../engine.ts";
import { allPipelines, recordOf } from "../find-pipeline.ts";
import { momentText } from "../history/moments.ts";
import { runDocument } from "../history/run-document.ts";
import { locateProject, withAnyStore, type Project } from "../project.ts";

/** One line of the list. */
interface Listed {
  readonly name: string;
  /** Null where the file can't be used. */
  readonly connector: string | null;
  readonly streams: readonly string[];
  /** Relative to the project; null for a pipeline that `ingest` made. */
  readonly file: string | null;
  readonly error: HakiriError | null;
  readonly lastRun: RunRecord | null;
}

/** Lists pipelines by name. */
export async function listPipelines(engine: Engine, context: CommandContext): Promise<Answer> {
  const project = await locateProject(context);
  const files = await loadPipelines(project.folder);
  return withAnyStore(engine, project, async (store) => {
    const catalog = store?.catalog ?? null;
    const listed = await gather({ engine, project, catalog }, files);
    return {
      text: textOf(listed, context.terminal.columns),
      document: { pipelines: listed.map(listedDocument) },
      exitCode: exitDone,
    };
  });
}

interface Places {
  readonly engine: Engine;
  readonly project: Project;
  readonly catalog: Catalog | null;
}

async function gather(places: Places, files: readonly PipelineFile[]): Promise<readonly Listed[]> {
  const { catalog } = places;
  const listed: Listed[] = [];
  const known = new Set<string>();
  for (const file of files) {
    if (file.kind === "invalid") {
      const { name, error } = file;
      known.add(name);
      listed.push({ name, connector: null, streams: [], file: file.file, error, lastRun: null });
      continue;
    }
    const record = await recordOf(places, file.spec);
    known.add(file.spec.name);
    if (record !== null) known.add(record.spec.name);
    listed.push(await listedOf(catalog, { spec: file.spec, file: file.file, record }));
  }
  const stored = catalog === null ? [] : await allPipelines(catalog);
  for (const record of stored) {
    if (known.has(record.spec.name)) continue;
    listed.push(await listedOf(catalog, { spec: record.spec, file: null, record }));
  }
  return listed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function listedOf(
  catalog: Catalog | null,
  {
    spec,
    file,
    record,
  }: Pick<PipelineRecord, "spec"> & {
    readonly file: string | null;
    readonly record: PipelineRecord | null;
  },
): Promise<Listed> {
  const filter = { beforeRunId: null, limit: 1 };
  const [lastRun = null] =
    record === null
      ? []
      : ((await catalog?.runs({ ...filter, pipelineId: record.pipelineId })) ?? []);
  return {
    name: spec.name,
    connector: spec.connector,
    streams: spec.streams.map(({ stream }) => stream),
    file,
    error: null,
    lastRun,
  };
}

function listedDocument({ name, connector, streams, file, error, lastRun }: Listed): Json {
  return {
    name,
    connector,
    streams,
    file,
    last_run: lastRun === null ? null : runDocument(lastRun, name),
    ...(error === null ? {} : { error: errorDocument(error) }),
  };
}

function textOf(listed: readonly Listed[], columns: number | null): string {
  if (listed.length === 0) {
    return "no pipelines yet; make one: hakiri ingest FILE, or hakiri init DIR\n";
  }
  return renderTable(
    {
      columns: ["pipeline", "connector", "streams", "from", "last run", "status"].map((name) => ({
        name,
        align: "left" as const,
      })),
      rows: listed.map((each) => [
        each.name,
        each.connector ?? "-",
        each.streams.length === 0 ? "all" : each.streams.join(", "),
        each.file ?? "ingest",
        each.lastRun === null ? "-" : momentText(each.lastRun.startedAt),
        each.error === null ? (each.lastRun?.state.kind ?? "-") : "invalid: see hakiri validate",
      ]),
    },
    { widthMax: columns, rowsMax: listed.length },
  );
}
