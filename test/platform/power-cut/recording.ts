/** What was recorded of a filesystem, and the disks that a power cut at any step may leave. */
import type { Disk } from "./disk.ts";
import { possibleDisks } from "./possible-disks.ts";
import { describeStep, type Step } from "./step.ts";
import { Volume } from "./volume.ts";

/** A disk at the start and what was done to it, in order. */
export interface Recording {
  /** Durable before the first step. */
  readonly base: Disk;
  readonly steps: readonly Step[];
}

/**
 * At most `count` different disks that a power cut may leave after the first `cut` steps, 0 to
 * `recording.steps.length`; `possibleDisks` says in which order.
 */
export function* disksAfter(
  recording: Recording,
  cut: number,
  seed: number,
  count: number,
): Generator<Disk, void, void> {
  const { base, steps } = recording;
  if (cut < 0 || cut > steps.length)
    throw new RangeError(`expected 0..${steps.length}, got ${cut}`);
  const volume = new Volume(base);
  for (const step of steps.slice(0, cut)) volume.apply(step);
  const last = steps[cut - 1];
  const after = last === undefined ? "before the first step" : `after ${describeStep(last)}`;
  const where = `power cut at ${cut} of ${steps.length}, ${after}`;
  for (const disk of possibleDisks(volume, { seed: seed + cut, disksMax: count })) {
    yield { ...disk, label: `${where}: ${disk.label}` };
  }
}
