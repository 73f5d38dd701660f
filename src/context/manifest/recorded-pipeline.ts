/** The shape of a pipeline in a manifest, checked on the way in as in `stored-shapes.ts`. */
import { z } from "zod";
import { contractModes } from "../../core/contract.ts";
import type { Json } from "../../core/json.ts";
import type { PipelineSpec, StreamSpec } from "../../core/pipeline.ts";
import type { RecordedPipeline } from "../../core/snapshot.ts";
import { countShape, dispositionShape, nameShape } from "../stored-shapes.ts";

const streamShape: z.ZodType<StreamSpec> = z.strictObject({
  stream: nameShape,
  table: nameShape.nullable(),
  disposition: dispositionShape.nullable(),
  primaryKey: z.array(nameShape),
  incremental: nameShape.nullable(),
  dedupSort: nameShape.nullable(),
  columns: z.array(nameShape).nullable(),
});

const modeShape = z.enum(contractModes);
const settingShape: z.ZodType<Json> = z.json();

const specShape: z.ZodType<PipelineSpec> = z.strictObject({
  name: nameShape,
  connector: nameShape,
  source: z.record(nameShape, settingShape),
  namespace: nameShape,
  tableTemplate: nameShape,
  naming: z.enum(["source", "snake_case"]),
  streams: z.array(streamShape),
  contract: z.strictObject({ tables: modeShape, columns: modeShape, dataType: modeShape }),
  onConflict: z.enum(["error", "json"]),
  onChange: z.enum(["replace", "append", "error"]),
  onMissing: z.enum(["keep", "delete"]),
  rowMetadata: z.boolean(),
  parallel: countShape,
  deadlineMs: countShape,
  shared: z.boolean(),
});

/** What a manifest says of its run's pipeline. */
export const recordedPipelineShape: z.ZodType<RecordedPipeline> = z.strictObject({
  key: nameShape,
  spec: specShape,
});
