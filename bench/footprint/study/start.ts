/** Cold starts of core: compile cache, V8 flags, one bundle, SEA, startup snapshot, strip. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { interleave } from "../../measure/interleave.ts";
import { runMeasured } from "../../measure/run-command.ts";
import { median, pairedRatios } from "../../measure/statistics.ts";
import type { Releases } from "../unpack.ts";
import { markdownTable, megabytes } from "./markdown.ts";

type Subject = readonly [command: readonly string[], env?: Readonly<Record<string, string>>];

const rounds = 20;
const seed = 20_260_102;

/** Each way to start `--version`, and those that can to touch DuckDB, against `node -e 0`. */
export async function start(releases: Releases): Promise<string> {
  const { folder, env } = releases.core;
  const scratch = mkdtempSync(join(dirname(folder), "start-"));
  const node = join(folder, "bin/node");
  const lib = join(folder, "lib/hakiri.js");
  const cache = { NODE_COMPILE_CACHE: join(scratch, "cache") };
  const single = await oneBundle(scratch);
  const sea = singleExecutable(node, single, scratch);
  const snapshot = startupSnapshot(node, single, scratch);
  const subjects: Record<string, Subject> = {
    "node -e 0": [[node, "-e", "0"]],
    "bin/hakiri --version (shipped)": [[join(folder, "bin/hakiri"), "--version"]],
    "node lib/hakiri.js --version, no launcher": [[node, lib, "--version"]],
    "with the compile cache": [[node, lib, "--version"], cache],
    "with --max-lazy": [[node, "--max-lazy", lib, "--version"]],
    "with --jitless": [[node, "--jitless", lib, "--version"]],
    "with --lite-mode": [[node, "--lite-mode", lib, "--version"]],
    "node not stripped": [[process.execPath, lib, "--version"]],
    "one bundle instead of lazy parts": [[node, single, "--version"]],
    "one bundle, compile cache": [[node, single, "--version"], cache],
    [`SEA with code cache (${megabytes(statSync(sea).size)} MB)`]: [[sea, "--version"]],
    [`startup snapshot (${megabytes(statSync(snapshot).size)} MB)`]: [
      [node, "--snapshot-blob", snapshot, "main", "--version"],
    ],
    "doctor duckdb (shipped)": [[join(folder, "bin/hakiri"), "doctor", "duckdb"]],
    "doctor duckdb, compile cache": [[join(folder, "bin/hakiri"), "doctor", "duckdb"], cache],
  };
  const times = await interleave({
    subjects: Object.fromEntries(
      Object.entries(subjects).map(([name, [command, extra]]) => [
        name,
        () => wall(command, { ...env, ...extra }),
      ]),
    ),
    rounds,
    warmupRounds: 2,
    seed,
  });
  const bare = times["node -e 0"] ?? [];
  const rows = Object.entries(times).map(([name, values]) => [
    name,
    median(values).toFixed(1),
    median(pairedRatios(values, bare)).toFixed(2),
  ]);
  return markdownTable(["start", "ms, median of 20", "of `node -e 0`"], rows);
}

async function wall(command: readonly string[], env: Record<string, string>): Promise<number> {
  const run = await runMeasured(command, { deadlineMs: 60_000, env, memoryEveryMs: 0 });
  if (run.exitCode === 0) return run.wallMs;
  throw new Error(`expected ${command.join(" ")} to exit 0, got ${run.exitCode}: ${run.stderr}`);
}

/** Core in one CommonJS file, its native libraries left out: what an eager program would load. */
async function oneBundle(scratch: string): Promise<string> {
  const file = join(scratch, "one.cjs");
  const source = `
    import { programOf, start } from "./src/profiles/start.ts";
    import { coreCommands } from "./src/profiles/core-commands.ts";
    const main = () => start(programOf("core", coreCommands));
    const { startupSnapshot } = require("node:v8");
    if (startupSnapshot.isBuildingSnapshot()) startupSnapshot.setDeserializeMainFunction(main);
    else void main();
  `;
  await build({
    stdin: { contents: source, resolveDir: ".", loader: "ts" },
    outfile: file,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node26",
    minifySyntax: true,
    minifyWhitespace: true,
    external: ["*.node", "msgpackr-extract", "@napi-rs/nice", "@duckdb/node-bindings"],
    define: { "import.meta.url": '"file:///"', "import.meta.resolve": "String" },
    logLevel: "error",
  });
  return file;
}

function singleExecutable(node: string, main: string, scratch: string): string {
  const output = join(scratch, "sea");
  const config = join(scratch, "sea.json");
  const settings = { main, output, disableExperimentalSEAWarning: true, useCodeCache: true };
  copyFileSync(node, output);
  writeFileSync(config, JSON.stringify({ ...settings, executable: node }));
  execFileSync(node, ["--build-sea", config], { stdio: "pipe" });
  chmodSync(output, 0o755);
  return output;
}

function startupSnapshot(node: string, main: string, scratch: string): string {
  const blob = join(scratch, "snapshot.blob");
  execFileSync(node, ["--snapshot-blob", blob, "--build-snapshot", main], { stdio: "pipe" });
  return blob;
}
