// What a line on the bench's stdout must look like: written apart from the types of bench/, so that
// a change of the format has to be made twice.

import { z } from "zod";

const reference = z.strictObject({
  name: z.string().min(1),
  value: z.number(),
  unit: z.string(),
  cpuMsPerOp: z.number().nonnegative().optional(),
});

/** One figure. */
export const figureSchema = z.strictObject({
  lane: z.string().min(1),
  figure: z.string().min(1),
  value: z.number(),
  unit: z.string().min(1),
  goal: z.union([
    z.null(),
    z.strictObject({ max: z.number() }),
    z.strictObject({ min: z.number() }),
  ]),
  ok: z.boolean(),
  spread: z.strictObject({ min: z.number(), max: z.number(), mad: z.number().nonnegative() }),
  runs: z.int().min(5),
  cpuMsPerOp: z.number().nonnegative().optional(),
  limit: reference.optional(),
  rival: reference.optional(),
});

/** The first line. */
export const machineLineSchema = z.strictObject({
  lane: z.string().min(1),
  machine: z.object({ cpu: z.string(), cores: z.int(), node: z.string(), load1m: z.number() }),
  seed: z.int(),
});
