/**
 * What a supervisor does when a child has ended, as a pure rule. The words and the rules are those
 * of Erlang/OTP's supervisor (stdlib), but for the escalation, which here is never a normal exit:
 * a supervisor that gave up must not look to its own like one that is done.
 */

/** When a child is started again: always, after an abnormal end, or never. */
export type Restart = "permanent" | "transient" | "temporary";

/** Which children are started again with one: itself, all, or itself and those started after it. */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

/** Which ends of significant children end the supervisor, normally. */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/** At most `restartsMax` restarts within any `periodMs`; one more makes the supervisor give up. */
export interface RestartIntensity {
  readonly restartsMax: number;
  readonly periodMs: number;
}

/** What a supervisor goes by. */
export interface SupervisionRules {
  readonly strategy: Strategy;
  readonly intensity: RestartIntensity;
  readonly autoShutdown: AutoShutdown;
}

/** A child as the rule sees it. */
export interface ChildState {
  readonly id: string;
  readonly restart: Restart;
  readonly isSignificant: boolean;
  /** False for a transient child that ended normally, and while a child is to be started again. */
  readonly isRunning: boolean;
}

/** The children in the order of their start, and the times of restarts within the period. */
export interface SupervisionState {
  readonly children: readonly ChildState[];
  /** Ascending; at most `restartsMax` entries. */
  readonly restartsMs: readonly number[];
}

/** A child that ended, or could not be started again, which is an abnormal end. */
export interface ChildEnded {
  readonly id: string;
  readonly isNormal: boolean;
  readonly nowMs: number;
}

/** What to do. `state` is what holds once it is done. */
export type Decision =
  | { readonly kind: "carry_on"; readonly state: SupervisionState }
  | {
      readonly kind: "restart";
      /** To stop, in this order: the reverse of their start. Ended children are not among them. */
      readonly stop: readonly string[];
      /** To start, in this order. */
      readonly start: readonly string[];
      readonly state: SupervisionState;
    }
  /** Stop all children. `significant` is a normal end of the supervisor, the other is not. */
  | { readonly kind: "shut_down"; readonly why: "significant" | "intensity" };

/** Decides over the end of a child that is in `state`. */
export function decide(
  rules: SupervisionRules,
  state: SupervisionState,
  ended: ChildEnded,
): Decision {
  const child = state.children.find(({ id }) => id === ended.id);
  if (child === undefined) throw new Error(`child ${ended.id} ended, which is not supervised`);
  const isRestarted =
    child.restart === "permanent" || (child.restart === "transient" && !ended.isNormal);
  return isRestarted
    ? restartWith(rules, state, child, ended.nowMs)
    : leaveDown(rules, state, child);
}

function leaveDown(rules: SupervisionRules, state: SupervisionState, child: ChildState): Decision {
  const children =
    child.restart === "temporary"
      ? state.children.filter(({ id }) => id !== child.id)
      : state.children.map((one) => (one.id === child.id ? { ...one, isRunning: false } : one));
  if (child.isSignificant) {
    const isLast = !children.some((one) => one.isSignificant && one.isRunning);
    const isOver =
      rules.autoShutdown === "any_significant" ||
      (rules.autoShutdown === "all_significant" && isLast);
    if (isOver) return { kind: "shut_down", why: "significant" };
  }
  return { kind: "carry_on", state: { ...state, children } };
}

function restartWith(
  rules: SupervisionRules,
  state: SupervisionState,
  child: ChildState,
  nowMs: number,
): Decision {
  const { restartsMax, periodMs } = rules.intensity;
  const recent = state.restartsMs.filter((atMs) => atMs >= nowMs - periodMs);
  if (recent.length >= restartsMax) return { kind: "shut_down", why: "intensity" };

  const index = state.children.indexOf(child);
  const isAffected = (_: ChildState, at: number): boolean =>
    rules.strategy === "one_for_all" ||
    (rules.strategy === "rest_for_one" ? at >= index : at === index);
  const affected = state.children.filter(isAffected);
  // One that is stopped on account of another is temporary no longer: it is gone.
  const isKept = (one: ChildState): boolean => one === child || one.restart !== "temporary";
  const children = state.children
    .filter((one) => !affected.includes(one) || isKept(one))
    .map((one) => (affected.includes(one) ? { ...one, isRunning: true } : one));
  return {
    kind: "restart",
    stop: affected
      .filter((one) => one !== child && one.isRunning)
      .map(({ id }) => id)
      .toReversed(),
    start: affected.filter(isKept).map(({ id }) => id),
    state: { children, restartsMs: [...recent, nowMs] },
  };
}
