/** A store over a shop's database, and the proxy that all of its runs connect to. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startProxy, type TcpProxy } from "../../../connectors/postgres/tcp-proxy.ts";
import type { Postgres } from "../../servers/postgres.ts";
import { makeMemoryFolder } from "../memory-folder.ts";
import { startProcess, type Death, type Victim } from "../victim-process.ts";
import { shopPipeline, type ShopSource } from "./shop.ts";

const program = new URL("victim.ts", import.meta.url);

/** What a victim calls its first and its last run. */
export interface Rounds {
  readonly from: number;
  readonly to: number;
}

/** A store, and the way to its source. */
export interface Lane extends AsyncDisposable {
  readonly project: string;
  readonly proxy: TcpProxy;
  /** Starts a victim that runs the store's pipeline. */
  run(rounds: Rounds, death: Death): Victim;
}

/** Opens one over a database that is there. */
export async function openLane(server: Postgres, source: Omit<ShopSource, "port">): Promise<Lane> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeMemoryFolder("kill"));
  const project = join(folder.path, "project");
  mkdirSync(project);
  const proxy = opened.use(await startProxy(server));
  const spec = JSON.stringify(shopPipeline({ ...source, port: proxy.port }));
  const owned = opened.move();
  return {
    project,
    proxy,
    run: ({ from, to }, death) =>
      startProcess(program, [project, spec, String(from), String(to)], death),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
