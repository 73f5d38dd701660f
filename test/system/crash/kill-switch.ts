/**
 * Where a process of these tests kills itself, or stops itself: at the nth point of a kind. Each
 * thread counts the points that it passes; those of one kind are all in the same thread.
 */
import { appendFileSync } from "node:fs";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { interceptedFilesystem, type PortCall } from "../../platform/intercepted-filesystem.ts";

/** Points within the control process. */
export const controlKinds = ["settle", "claim", "catalog", "commit", "derive"] as const;

/** Points within the upkeep that the control process does between runs. */
export const upkeepKinds = ["compact", "collect"] as const;

/** Points within the thread of the run actor. */
export const actorKinds = [
  "extract",
  "encode",
  "write",
  "fsync",
  "name",
  "journal",
  "lines",
  "manifest",
  "look",
  "compute",
] as const;

/** What a process is at when it dies; `make` is the making of a store. */
export type KillKind =
  | "make"
  | (typeof controlKinds)[number]
  | (typeof upkeepKinds)[number]
  | (typeof actorKinds)[number];

/** When to die. */
export interface KillPlan {
  readonly kind: KillKind;
  /** SIGSTOP stops the whole process, which goes on with SIGCONT as if nothing had been. */
  readonly signal: "SIGKILL" | "SIGSTOP";
  /** 1 for the first point of the kind that a thread passes. */
  readonly nth: number;
  /** Of a DuckDB statement: how long it has been under way, microseconds. */
  readonly delayMicros: number;
}

/** The variables by which threads learn of their plan, and of the file to count points in. */
export const planVariable = "HAKIRI_TEST_KILL_PLAN";
export const countsVariable = "HAKIRI_TEST_KILL_COUNTS";

/** What of this process's environment a thread of it needs, to die and to begin fast. */
export function switchEnvironment(): Readonly<Record<string, string>> {
  const names = ["NODE_COMPILE_CACHE", planVariable, countsVariable];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Dies at its point. */
export class KillSwitch {
  readonly #plan: KillPlan | null;
  readonly #countsPath: string | undefined;
  #passed = 0;
  /** The work that all points count for. */
  #work: KillKind | null = null;

  constructor(plan: KillPlan | null, countsPath: string | undefined) {
    this.#plan = plan;
    this.#countsPath = countsPath;
  }

  /** The switch of this thread, by its environment. */
  static ofThread(): KillSwitch {
    const plan = process.env[planVariable];
    // Who starts the thread wrote it.
    const parsed = plan === undefined ? null : (JSON.parse(plan) as KillPlan);
    return new KillSwitch(parsed, process.env[countsVariable]);
  }

  /** Passes a point, and answers the plan where this is the one to act at. */
  passes(point: KillKind): KillPlan | null {
    const kind = this.#work ?? point;
    if (this.#countsPath !== undefined) appendFileSync(this.#countsPath, `${kind}\n`);
    if (this.#plan?.kind !== kind) return null;
    this.#passed += 1;
    return this.#passed === this.#plan.nth ? this.#plan : null;
  }

  /** Whether points of a kind do anything, so that they have to be there. */
  isFor(kind: KillKind): boolean {
    return this.#countsPath !== undefined || this.#plan?.kind === kind;
  }

  /** Counts all points for one kind of work while it is done. */
  async during(work: KillKind, run: () => Promise<void>): Promise<void> {
    this.#work = work;
    await run();
    this.#work = null;
  }

  /** Passes a point of that kind, and may die there. */
  at(kind: KillKind): void {
    const plan = this.passes(kind);
    if (plan !== null) signalSelf(plan);
  }

  /**
   * A filesystem that passes a point before each call; of a write that is the last half is done.
   */
  filesystem(inner: Filesystem, kindOf: (call: PortCall) => KillKind): Filesystem {
    return interceptedFilesystem(inner, async (call) => {
      const plan = this.passes(kindOf(call));
      if (plan === null) return;
      if (plan.signal === "SIGKILL") await call.breakOff();
      signalSelf(plan);
    });
  }
}

/** Ends this process as `kill -9` does, or stops it; returns once it goes on. */
export function signalSelf({ signal }: Pick<KillPlan, "signal">): void {
  process.kill(process.pid, signal);
  // Covers the moment that the kernel takes.
  while (signal === "SIGKILL");
}

/** What the control process does to files: it looks at journals and manifests, and derives. */
export function controlKindOf({ isChange }: PortCall): KillKind {
  return isChange ? "derive" : "settle";
}

/** What the run actor does to files. */
export function actorKindOf({ operation, path, isChange }: PortCall): KillKind {
  if (!isChange) return "look";
  if (path.includes("/journal-")) return "journal";
  if (path.includes("/_manifest-")) return "manifest";
  if (path.includes(".lines")) return "lines";
  switch (operation) {
    case "create":
    case "write":
      return "write";
    case "sync":
    case "syncFile":
    case "syncFolder":
      return "fsync";
    case "makeFolder":
    case "link":
    case "rename":
    case "unlink":
    case "removeFolder":
      return "name";
    case "read":
    case "readPieces":
    case "stat":
    case "list":
    case "close":
      return "look";
  }
}
