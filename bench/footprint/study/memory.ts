/** Idle memory: V8 flags, SQLite by library, TLS, memory given back, work in the process itself. */
import { coordLeader, handlerHost, hosted, commandHost, type IdleBytes } from "../idle.ts";
import type { Releases } from "../unpack.ts";
import { markdownTable, megabytes } from "./markdown.ts";

const idleMs = 10_000;

const flagSets: readonly (readonly string[])[] = [
  [],
  ["--max-semi-space-size=1"],
  ["--optimize-for-size", "--v8-pool-size=0"],
  ["--max-opt=1"],
  ["--jitless"],
  ["--lite-mode"],
];

/** The leader of three by variant, then core's handler, and DuckDB in the process or a child. */
export async function memory(releases: Releases): Promise<string> {
  const rows: string[][] = [];
  for (const nodeFlags of flagSets) {
    for (const sqlite of ["better-sqlite3", "node:sqlite"] as const) {
      const variant = { tls: false, sqlite, memory: "keep" } as const;
      const read = await coordLeader(releases.coord, variant, { idleMs, nodeFlags });
      rows.push(row(`coord, ${sqlite}`, nodeFlags, read));
    }
  }
  for (const sqlite of ["better-sqlite3", "node:sqlite"] as const) {
    for (const tls of [false, true]) {
      for (const memoryPolicy of ["keep", "trim"] as const) {
        const variant = { tls, sqlite, memory: memoryPolicy } as const;
        const read = await coordLeader(releases.coord, variant, { idleMs });
        const words = `${tls ? "mutual" : "no"} TLS, ${memoryPolicy}s memory`;
        rows.push(row(`coord, ${sqlite}, ${words}`, [], read));
      }
    }
  }
  for (const nodeFlags of flagSets) {
    const read = await hosted(releases.core, handlerHost, ["--version"], { idleMs, nodeFlags });
    rows.push(row("core, handler up", nodeFlags, read));
  }
  rows.push(...(await processes(releases)));
  return markdownTable(["process", "node flags", "RSS MB", "RssAnon", "RssFile"], rows);
}

/** The same work in a child that has exited, and in the process that stays. */
async function processes(releases: Releases): Promise<string[][]> {
  const work = ["duckdb-copy", "parquet"];
  const inChild = [`doctor ${work.join(" ")}`];
  return [
    row(
      "core, DuckDB COPY in a child",
      [],
      await hosted(releases.core, handlerHost, inChild, { idleMs }),
    ),
    row(
      "core, DuckDB COPY in the process",
      [],
      await hosted(releases.core, commandHost, ["doctor", ...work], { idleMs }),
    ),
    row("core, all touched", [], await hosted(releases.core, commandHost, ["doctor"], { idleMs })),
    row("full, all touched", [], await hosted(releases.full, commandHost, ["doctor"], { idleMs })),
  ];
}

function row(what: string, flags: readonly string[], read: IdleBytes): string[] {
  const cells = [read.rssBytes, read.anonBytes, read.fileBytes].map(megabytes);
  return [what, flags.length === 0 ? "none" : `\`${flags.join(" ")}\``, ...cells];
}
