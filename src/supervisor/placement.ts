/** Into which executor an actor goes, as a pure rule. */

/** An executor as the rule sees it. */
export interface ExecutorLoad {
  readonly executor: number;
  readonly actors: number;
  /** Taken by one actor that runs alone. */
  readonly isIsolated: boolean;
  /** Told to end, or killed: takes nobody, but is there until its process is gone. */
  readonly isEnding: boolean;
}

/** How many executors there may be, and how many actors in each. */
export interface ExecutorBounds {
  readonly executorsMax: number;
  /** Most actors of one executor. */
  readonly actorsMax: number;
}

/** Where an actor goes. */
export type Placement =
  | { readonly kind: "existing"; readonly executor: number }
  | { readonly kind: "new" }
  | { readonly kind: "full" };

/**
 * An empty executor first, then a new one, then the one with the fewest actors: a crash costs the
 * fewest neighbours so. One that must be alone takes an empty or a new one only.
 */
export function placeActor(
  executors: readonly ExecutorLoad[],
  isIsolated: boolean,
  bounds: ExecutorBounds,
): Placement {
  const actorsMax = isIsolated ? 1 : bounds.actorsMax;
  const open = executors
    .filter((one) => !one.isEnding && !one.isIsolated && one.actors < actorsMax)
    .toSorted((left, right) => left.actors - right.actors || left.executor - right.executor);
  const [best] = open;
  if (best?.actors === 0) return { kind: "existing", executor: best.executor };
  if (executors.length < bounds.executorsMax) return { kind: "new" };
  return best === undefined ? { kind: "full" } : { kind: "existing", executor: best.executor };
}
