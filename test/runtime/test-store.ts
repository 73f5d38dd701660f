/** A real store in a temporary folder, with everything that it takes to run pipelines on it. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { DuckDBInstance } from "@duckdb/node-api";
import { newId } from "../../src/context/layout.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { quoteIdentifier } from "../../src/core/identifier.ts";
import { systemRandom } from "../../src/platform/system-random.ts";
import { openStore } from "../../src/profiles/engine/open-store.ts";
import { runPipeline, type RunResult } from "../../src/runtime/control/run-pipeline.ts";
import type {
  ActorPlace,
  ControlStore,
  RunRequest,
} from "../../src/runtime/control/run-request.ts";
import type { ActorRunner } from "../../src/supervisor/running-actor.ts";
import { compiledEnv } from "../actors/compiled.ts";
import { requestOf } from "./request.ts";
import { InlineActors } from "./inline-actors.ts";
import { Director } from "./sources/director.ts";
import { socketVariable } from "./sources/direction.ts";
import type { RowTexts, World } from "./sources/world.ts";

/** A store of one test. */
export interface TestStore {
  readonly project: string;
  readonly store: ControlStore;
  readonly director: Director;
  readonly place: ActorPlace;
  /** Registers a pipeline, and answers its id. */
  register(spec: PipelineSpec): Promise<string>;
  /** Registers and runs it, with other parts here and there. */
  run(spec: PipelineSpec, more?: Partial<RunRequest>, around?: Around): Promise<RunResult>;
  /** Changes what is out there. */
  moveTo(version: number): void;
  /** The rows of tables by `views.sql`, as texts, without hakiri's own columns. */
  tables(names: readonly string[]): Promise<Readonly<Record<string, readonly RowTexts[]>>>;
}

/** What a run is put into in place of the test's own. */
export interface Around {
  readonly store?: Partial<ControlStore>;
  readonly place?: Partial<ActorPlace>;
}

/** Opens a store whose sources see this world; its actors live in this thread. */
export async function storeOfTest(
  world: World,
  runner: ActorRunner = new InlineActors(),
): Promise<TestStore> {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "hakiri-run-")));
  onTestFinished(() => rmSync(project, { recursive: true, maxRetries: 5 }));
  const director = new Director(join(project, "director.sock"), {
    ...world,
    folder: join(project, "files"),
  });
  await director.listen();
  onTestFinished(() => director.close());
  onTestFinished(() => runner.close());
  const store = await openStore(project, "create");
  onTestFinished(() => store.close());
  const place: ActorPlace = {
    runner,
    entry: new URL("./fixtures/run-thread.ts", import.meta.url),
    env: { ...compiledEnv, [socketVariable]: director.socketPath },
    limits: { oldGenerationMb: 256 },
    startMs: 30_000,
  };
  const register = (spec: PipelineSpec): Promise<string> => registerPipeline(store, spec);
  return {
    project,
    store,
    director,
    place,
    register,
    run: async (spec, more = {}, around = {}) =>
      runPipeline(
        { ...store, ...around.store },
        { ...place, ...around.place },
        { ...requestOf(await register(spec), spec), ...more },
      ),
    moveTo: (version) => {
      director.world = { ...director.world, version };
    },
    tables: (names) => readTables(project, names),
  };
}

async function registerPipeline(store: ControlStore, spec: PipelineSpec): Promise<string> {
  const answer = await store.catalog.apply<"register_pipeline">({
    kind: "register_pipeline",
    version: 1,
    pipelineId: newId(systemRandom),
    key: spec.name,
    spec,
    at: String(store.clock.nowMicros()),
  });
  return answer.pipelineId;
}

/** Reads with a DuckDB that knows nothing of hakiri, as if it were started in the project. */
async function readTables(
  project: string,
  names: readonly string[],
): Promise<Record<string, readonly RowTexts[]>> {
  return withViews(project, async (query) => {
    const tables: Record<string, readonly RowTexts[]> = {};
    for (const name of names) {
      const from = quoted(name);
      tables[name] = await query(
        `SELECT COLUMNS(c -> NOT starts_with(c, '_hakiri_'))::VARCHAR FROM ${from}`,
      );
    }
    return tables;
  });
}

/** Runs queries over `views.sql`. */
export async function withViews<T>(
  project: string,
  use: (query: (sql: string) => Promise<readonly RowTexts[]>) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(`SET file_search_path = '${project}'`);
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(readFileSync(join(project, ".hakiri/views.sql"), "utf8"));
    return await use(async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      // Every column is a text.
      return reader.getRowObjectsJson() as unknown as readonly RowTexts[];
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(table: string): string {
  return table
    .split(".")
    .map((part) => quoteIdentifier(part))
    .join(".");
}
