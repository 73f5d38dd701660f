import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decide,
  type AutoShutdown,
  type ChildState,
  type Restart,
  type Strategy,
  type SupervisionRules,
  type SupervisionState,
} from "../../src/supervisor/restart.ts";

interface NaiveChild {
  readonly id: string;
  readonly restart: Restart;
  readonly isSignificant: boolean;
  isUp: boolean;
}

/** OTP's supervisor, told as it is written there: one child after the other, by hand. */
class NaiveSupervisor {
  children: NaiveChild[];
  log: string[] = [];
  over: "significant" | "intensity" | undefined;
  readonly #restartsMs: number[] = [];
  readonly #rules: SupervisionRules;

  constructor(rules: SupervisionRules, children: readonly NaiveChild[]) {
    this.#rules = rules;
    this.children = children.map((child) => ({ ...child }));
  }

  ended(child: NaiveChild, isNormal: boolean, nowMs: number): void {
    this.log = [];
    child.isUp = false;
    if (child.restart === "permanent") this.#restart(child, nowMs);
    else if (child.restart === "transient" && !isNormal) this.#restart(child, nowMs);
    else {
      if (child.restart === "temporary") this.#forget(child);
      if (!child.isSignificant) return;
      const othersUp = this.children.some((one) => one.isSignificant && one.isUp);
      if (this.#rules.autoShutdown === "any_significant") this.over = "significant";
      if (this.#rules.autoShutdown === "all_significant" && !othersUp) this.over = "significant";
    }
  }

  #restart(child: NaiveChild, nowMs: number): void {
    this.#restartsMs.push(nowMs);
    const { periodMs, restartsMax } = this.#rules.intensity;
    while ((this.#restartsMs[0] ?? nowMs) < nowMs - periodMs) this.#restartsMs.shift();
    if (this.#restartsMs.length > restartsMax) {
      this.over = "intensity";
      return;
    }
    const first = this.#firstAffected(child);
    const isLast = this.#rules.strategy === "one_for_one";
    const last = isLast ? first : this.children.length - 1;
    for (const one of this.children.slice(first, last + 1).toReversed()) {
      if (one === child) continue;
      if (one.isUp) this.log.push(`stop ${one.id}`);
      one.isUp = false;
      if (one.restart === "temporary") this.#forget(one);
    }
    const from = this.#firstAffected(child);
    const rest = isLast ? [child] : this.children.slice(from);
    for (const one of rest) {
      this.log.push(`start ${one.id}`);
      one.isUp = true;
    }
  }

  #firstAffected(child: NaiveChild): number {
    return this.#rules.strategy === "one_for_all" ? 0 : this.children.indexOf(child);
  }

  #forget(child: NaiveChild): void {
    this.children = this.children.filter((one) => one !== child);
  }
}

const restarts = fc.constantFrom<Restart>("permanent", "transient", "temporary");
const strategies = fc.constantFrom<Strategy>("one_for_one", "one_for_all", "rest_for_one");
const shutdowns = fc.constantFrom<AutoShutdown>("never", "any_significant", "all_significant");

const rulesAtRandom: fc.Arbitrary<SupervisionRules> = fc.record({
  strategy: strategies,
  autoShutdown: shutdowns,
  intensity: fc.record({
    restartsMax: fc.integer({ min: 0, max: 4 }),
    periodMs: fc.integer({ min: 0, max: 20 }),
  }),
});

const childrenAtRandom = fc
  .array(fc.tuple(restarts, fc.boolean()), { minLength: 1, maxLength: 5 })
  .map((list) =>
    list.map(([restart, isSignificant], index) => {
      return { id: `c${index}`, restart, isSignificant: isSignificant && restart !== "permanent" };
    }),
  );

const endsAtRandom = fc.array(
  fc.record({ which: fc.nat(), isNormal: fc.boolean(), afterMs: fc.nat(15) }),
  { maxLength: 30 },
);

const one = (overrides: Partial<ChildState> = {}): ChildState => ({
  id: "one",
  restart: "permanent",
  isSignificant: false,
  isRunning: true,
  ...overrides,
});

const lenient: SupervisionRules = {
  strategy: "one_for_one",
  autoShutdown: "never",
  intensity: { restartsMax: 3, periodMs: 10 },
};

describe("the end of a child", () => {
  test("leads to what OTP's supervisor does, whatever ends, when and how", () => {
    fc.assert(
      fc.property(rulesAtRandom, childrenAtRandom, endsAtRandom, (rules, specs, ends) => {
        const naive = new NaiveSupervisor(
          rules,
          specs.map((spec) => ({ ...spec, isUp: true })),
        );
        let state: SupervisionState = {
          children: specs.map((spec) => ({ ...spec, isRunning: true })),
          restartsMs: [],
        };
        let nowMs = 0;
        for (const { which, isNormal, afterMs } of ends) {
          nowMs += afterMs;
          const up = naive.children.filter(({ isUp }) => isUp);
          const child = up[which % Math.max(1, up.length)];
          if (child === undefined) return;
          naive.ended(child, isNormal, nowMs);
          const decision = decide(rules, state, { id: child.id, isNormal, nowMs });
          if (decision.kind === "shut_down") {
            expect(decision.why).toBe(naive.over);
            return;
          }
          expect(naive.over).toBe(undefined);
          const { stop, start } = decision.kind === "restart" ? decision : { stop: [], start: [] };
          expect([...stop.map((id) => `stop ${id}`), ...start.map((id) => `start ${id}`)]).toEqual(
            naive.log,
          );
          ({ state } = decision);
          expect(state.children.map(({ id, isRunning }) => [id, isRunning])).toEqual(
            naive.children.map(({ id, isUp }) => [id, isUp]),
          );
          expect(state.restartsMs.length).toBeLessThanOrEqual(rules.intensity.restartsMax);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["permanent", true, "restart"],
    ["permanent", false, "restart"],
    ["transient", true, "carry_on"],
    ["transient", false, "restart"],
    ["temporary", true, "carry_on"],
    ["temporary", false, "carry_on"],
  ] as const)("that is %s, normal: %s, leads to %s", (restart, isNormal, kind) => {
    const state = { children: [one({ restart })], restartsMs: [] };
    expect(decide(lenient, state, { id: "one", isNormal, nowMs: 0 }).kind).toBe(kind);
  });

  test("is restarted as often as the intensity says, and once more is too often", () => {
    let state: SupervisionState = { children: [one()], restartsMs: [] };
    for (const nowMs of [0, 5, 10]) {
      const decision = decide(lenient, state, { id: "one", isNormal: false, nowMs });
      expect(decision.kind).toBe("restart");
      if (decision.kind === "restart") ({ state } = decision);
    }
    const end = { id: "one", isNormal: false };
    // The first restart, at 0, is in the period until 10, its end included.
    expect(decide(lenient, state, { ...end, nowMs: 10 })).toEqual({
      kind: "shut_down",
      why: "intensity",
    });
    expect(decide(lenient, state, { ...end, nowMs: 11 }).kind).toBe("restart");
  });

  test("of what is not supervised is a defect", () => {
    const state = { children: [one()], restartsMs: [] };
    expect(() => decide(lenient, state, { id: "two", isNormal: true, nowMs: 0 })).toThrow(/two/);
  });
});
