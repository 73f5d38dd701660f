/** `hakiri.toml`: the project's name and the rules of its store. */
import { z } from "zod";
import { byteSizePattern, parseByteSize } from "./byte-size.ts";
import { parseDocument, type ConfigText } from "./document.ts";
import { durationPattern, formatDuration, parseDuration } from "../core/duration.ts";
import { parseConfig } from "./parse-config.ts";
import { pipelineNamePattern } from "./pipeline-schema.ts";

/** How a store is kept. */
export interface StoreSettings {
  /** A snapshot is kept while it is younger than the days or among the newest so many. */
  readonly retention: { readonly days: number; readonly snapshots: number };
  /** How long a run that didn't succeed may be gone on with. */
  readonly resumeTtlMs: number;
  /** How long a file stays after the last snapshot that held it. */
  readonly gcGraceMs: number;
  /** Most memory of the query engine; null for its own rule. */
  readonly memoryLimitBytes: number | null;
  /** Threads of the query engine; null for one a core. */
  readonly threads: number | null;
  /** Threads that encode a run's parts beside its own; 0 for that one alone, null for the usual. */
  readonly encodeThreads: number | null;
  readonly compaction: {
    /** Whether runs compact what they wrote to. */
    readonly automatic: boolean;
    /** Most small files of a table before they are compacted. */
    readonly smallFiles: number;
    /** A file below this is small. */
    readonly smallFileBytes: number;
  };
}

/** A project as its file says. */
export interface ProjectSpec {
  /** Null where the file says none: the folder's name. */
  readonly name: string | null;
  readonly store: StoreSettings;
}

const dayMs = 86_400_000;
const retentionDaysMax = 36_500;
const snapshotsMax = 1_000_000;
const threadsMax = 256;
const encodeThreadsMax = 16;
const smallFilesMax = 100_000;
const mebibyte = 2 ** 20;

const duration = (msMin: number, msMax: number) =>
  z
    .string()
    .regex(durationPattern, 'a duration such as "7d" or "1h30m"')
    .transform((value) => parseDuration(value) ?? 0)
    .refine(
      (ms) => ms >= msMin && ms <= msMax,
      `a duration of ${formatDuration(msMin)} to ${formatDuration(msMax)}`,
    );

const size = (bytesMin: number, words: string) =>
  z
    .string()
    .regex(byteSizePattern, 'a size such as "64 MiB"')
    .transform((value) => parseByteSize(value) ?? 0)
    .refine((bytes) => bytes >= bytesMin && Number.isSafeInteger(bytes), words);

const count = (max: number) => z.int().min(1).max(max);

const store = z.strictObject({
  retention: z
    .strictObject({
      days: z.int().min(0).max(retentionDaysMax).default(7),
      snapshots: count(snapshotsMax).default(10),
    })
    .prefault({})
    .describe("A snapshot is kept while younger than the days or among the newest snapshots."),
  resume_ttl: duration(0, 365 * dayMs)
    .prefault("7d")
    .describe("How long a run that didn't succeed may be gone on with."),
  gc_grace: duration(0, 365 * dayMs)
    .prefault("1d")
    .describe("How long a file stays after the last snapshot that held it."),
  memory_limit: size(64 * mebibyte, "a size of at least 64 MiB")
    .optional()
    .describe("Most memory of the query engine."),
  threads: count(threadsMax)
    .optional()
    .describe("Threads of the query engine; one a core without."),
  encode_threads: z
    .int()
    .min(0)
    .max(encodeThreadsMax)
    .optional()
    .describe(
      "Threads that encode what a run reads: 1 without, 0 leaves it to the one that reads.",
    ),
  compaction: z
    .strictObject({
      automatic: z.boolean().default(true).describe("Whether runs compact what they wrote to."),
      small_files: count(smallFilesMax)
        .default(128)
        .describe("Most small files of a table before they are compacted."),
      small_file: size(1, "a size of at least 1 B")
        .prefault("64 MiB")
        .describe("A file below this size is small."),
    })
    .prefault({})
    .describe("How many small files become few large ones."),
});

/** The schema of a whole project file. */
export const projectSchema = z
  .strictObject({
    $schema: z.string().optional().describe("For editors; means nothing here."),
    name: z
      .string()
      .regex(pipelineNamePattern, "a name of 1 to 63 of a-z, 0-9, _ and -")
      .optional()
      .describe("The folder's name, where this is not said."),
    store: store.prefault({}).describe("How the store in .hakiri is kept."),
  })
  .meta({ title: "hakiri project" });

/** Reads a project file. Throws the usage errors that `parsePipeline` throws. */
export function parseProject(input: ConfigText): ProjectSpec {
  const { name, store: parsed } = parseConfig(parseDocument(input), projectSchema, []);
  return {
    name: name ?? null,
    store: {
      retention: parsed.retention,
      resumeTtlMs: parsed.resume_ttl,
      gcGraceMs: parsed.gc_grace,
      memoryLimitBytes: parsed.memory_limit ?? null,
      threads: parsed.threads ?? null,
      encodeThreads: parsed.encode_threads ?? null,
      compaction: {
        automatic: parsed.compaction.automatic,
        smallFiles: parsed.compaction.small_files,
        smallFileBytes: parsed.compaction.small_file,
      },
    },
  };
}

/** The project of a folder without a file: every rule as it is when nothing is said. */
export function defaultProject(): ProjectSpec {
  return parseProject({ file: "hakiri.toml", format: "toml", text: "" });
}
