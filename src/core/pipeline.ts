/** A pipeline as it is specified: what to read, where it lands, and by which rules. */
import type { SchemaContract } from "./contract.ts";
import type { Json } from "./json.ts";
import type { Naming } from "./schema.ts";

/** How a run's rows change a table. */
export type Disposition = "append" | "replace" | "merge";

/** What to do about a table's rows of an input file that changed, or that is gone. */
export type OnFileChange = "replace" | "append" | "error";

/** A secret by reference; its value is never stored, printed or hashed. */
export type SecretReference = { readonly env: string } | { readonly file: string };

/** One stream of a pipeline with what the user said about it. */
export interface StreamSpec {
  readonly stream: string;
  /** `namespace.table` where the rows land; null for the pipeline's rule. */
  readonly table: string | null;
  /** Null for the source's default. */
  readonly disposition: Disposition | null;
  /** Empty for the source's own. */
  readonly primaryKey: readonly string[];
  /** The column whose values say what is new; null reads everything each time. */
  readonly incremental: string | null;
  /** Among rows of one key in one run the largest here wins; null: the last one delivered. */
  readonly dedupSort: string | null;
  /** Names to read; null for all. */
  readonly columns: readonly string[] | null;
}

/** A pipeline: its canonical JSON, secrets out, is part of the resume key. */
export interface PipelineSpec {
  readonly name: string;
  readonly connector: string;
  /** The connector's own settings, checked by the connector; secrets are references. */
  readonly source: { readonly [key: string]: Json };
  /** Default namespace of its tables. */
  readonly namespace: string;
  /** `{stream}` or `{schema}_{stream}`. */
  readonly tableTemplate: string;
  readonly naming: Naming;
  /** Empty: every stream that the source discovers. */
  readonly streams: readonly StreamSpec[];
  readonly contract: SchemaContract;
  /** What a change of type that `unify` refuses does to a JSON source's column. */
  readonly onConflict: "error" | "json";
  readonly onChange: OnFileChange;
  readonly onMissing: "keep" | "delete";
  /** Whether rows carry `_hakiri_run_id` and `_hakiri_loaded_at`. */
  readonly rowMetadata: boolean;
  /** Most partitions and streams that are read at once. */
  readonly parallel: number;
  /** The run's whole time from claim to commit, milliseconds. */
  readonly deadlineMs: number;
  /** Appending to a table that another pipeline owns. */
  readonly shared: boolean;
}
