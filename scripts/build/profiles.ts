/** The three profiles as the build sees them: entries, companions, and what each must not carry. */

/** Name of a profile. */
export type ProfileName = "core" | "full" | "coord";

/** One profile's part of the tree. */
export interface Profile {
  readonly name: ProfileName;
  /** Output name in `lib/` to source file; `hakiri` is what the launcher starts. */
  readonly entries: Readonly<Record<string, string>>;
  /** npm packages shipped as they are under `lib/node_modules`, since they can't be bundled. */
  readonly unbundled: readonly string[];
  /** Where an input of the bundle matches one of these, the profile carries what it must not. */
  readonly forbidden: readonly RegExp[];
}

const poolThreads = {
  // Piscina starts its threads from a file of this name beside its own code.
  worker: "node_modules/piscina/dist/worker.js",
  "doubling-thread": "src/profiles/libraries/doubling-thread.ts",
};

/** Threads of a profile that has a store: one for each run, and one for queries. */
const storeThreads = {
  "run-thread": "src/profiles/run-thread.ts",
  "query-thread": "src/profiles/query-thread.ts",
  "encode-thread": "src/profiles/encode-thread.ts",
};

/** Packages as they stand in the path of a bundled input. */
const packages = (...names: string[]): RegExp[] =>
  names.map((name) => new RegExp(`(^|/)node_modules/${name}/`));

const rooms = (...names: string[]): RegExp[] => names.map((name) => new RegExp(`^${name}/`));

/** Every profile, the smallest first. */
export const profiles: readonly Profile[] = [
  {
    name: "coord",
    entries: { hakiri: "src/profiles/coord.ts", "coord-load": "src/profiles/coord-load.ts" },
    unbundled: [],
    forbidden: [
      ...packages("@duckdb", "@bytecodealliance", "@modelcontextprotocol", "componentize-qjs"),
      ...packages("parquet-wasm", "apache-arrow", "usearch", "@aws-sdk", "pg", "esbuild"),
      ...rooms("connectors", "src/host", "src/agent", "src/context", "src/runtime", "src/sync"),
    ],
  },
  {
    name: "core",
    entries: {
      hakiri: "src/profiles/core.ts",
      lambda: "src/profiles/lambda.ts",
      ...storeThreads,
      ...poolThreads,
    },
    unbundled: [],
    forbidden: [
      ...packages("@bytecodealliance", "@modelcontextprotocol", "usearch", "componentize-qjs"),
      ...packages("@biscuit-auth", "@aws-sdk/client-dynamodb", "pg", "esbuild"),
      ...rooms("src/raft", "src/coord", "src/host", "src/agent", "src/node"),
    ],
  },
  {
    name: "full",
    entries: {
      hakiri: "src/profiles/full.ts",
      ...storeThreads,
      ...poolThreads,
      // The shim under jco's tools starts a thread from a file of this name beside its own code.
      "worker-thread.bundle":
        "node_modules/@bytecodealliance/preview2-shim/dist/io/worker-thread.bundle.js",
    },
    unbundled: ["esbuild", "@esbuild/{platform}"],
    forbidden: [...packages("nodejs-polars", "binaryen", "oxc-minify")],
  },
];

/** The profile of this name. Throws with the names there are. */
export function profileOf(name: string): Profile {
  const profile = profiles.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  const names = profiles.map((candidate) => candidate.name).join(", ");
  throw new Error(`expected a profile (${names}), got '${name}'`);
}
