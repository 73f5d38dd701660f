// What machine a run of the bench took place on: figures of different machines don't compare.

import os from "node:os";

/** The machine and its state before a run. */
export type Machine = {
  readonly cpu: string;
  /** CPUs that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly arch: string;
  /** Version of the node that runs the bench, with its "v". */
  readonly node: string;
  /** Processes running or waiting, averaged over the last minute, before the run. */
  readonly load1m: number;
  /** Why the figures deserve doubt; empty when nothing is known against them. */
  readonly warnings: readonly string[];
};

/** Load per core above which other work surely shares the cores with the bench. */
const LOAD_PER_CORE_MAX = 0.5;

/** Describes this machine, now. */
export function describeMachine(): Machine {
  const cores = os.availableParallelism();
  const load1m = os.loadavg()[0] ?? 0;
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores,
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()}`,
    arch: os.arch(),
    node: process.version,
    load1m,
    warnings: loadWarnings({ load1m, cores }),
  };
}

/** Says that the machine is busy when its load is above half of its cores; else nothing. */
export function loadWarnings(state: {
  readonly load1m: number;
  readonly cores: number;
}): readonly string[] {
  const { load1m, cores } = state;
  if (load1m <= cores * LOAD_PER_CORE_MAX) return [];
  return [
    `the machine is busy (load ${load1m.toFixed(2)} on ${cores} cores): trust ratios and CPU time, not wall time`,
  ];
}
