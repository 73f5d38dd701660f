import path from "node:path";

import { describe, expect, test } from "vitest";

import { figureOf } from "../../bench/figure.ts";
import type { Lane, LaneOptions } from "../../bench/lane.ts";
import { runBench } from "../../bench/main.ts";
import { runMeasured } from "../../bench/measure/run-command.ts";
import { figureSchema, machineLineSchema } from "./figure-schema.ts";

/** Runs the bench over one made-up lane `toy` whose only figure has the given value and goal 1. */
async function runToy(argv: readonly string[], value = 1) {
  let out = "";
  let err = "";
  let options: LaneOptions | null = null;
  const toy: Lane = {
    runLane: async (given) => {
      options = given;
      if (Number.isNaN(value)) throw new Error("toy: the rival is not installed");
      const rounds = Array.from({ length: given.rounds ?? 5 }, () => value);
      return [figureOf(rounds, { lane: "toy", figure: "it", unit: "x", goal: { max: 1 } })];
    },
  };
  const exitCode = await runBench(argv, {
    lanes: { toy: async () => toy },
    writeOut: (text) => (out += text),
    writeErr: (text) => (err += text),
  });
  // Closures assign it, which the type checker can't see.
  return { exitCode, out, err, options: options as LaneOptions | null };
}

describe("a lane", () => {
  test("stdout holds the machine and the figures, one JSON line each, and nothing else", async () => {
    const { exitCode, out, err } = await runToy(["toy"]);
    expect(exitCode).toBe(0);
    const [machine, ...figures] = out.trimEnd().split("\n");
    machineLineSchema.parse(JSON.parse(machine ?? ""));
    expect(figures.map((line) => figureSchema.parse(JSON.parse(line)).figure)).toEqual(["it"]);
    expect(err).toContain("<= 1.00 x");
  });

  test("a missed goal exits 1 and still prints its figure", async () => {
    const { exitCode, out } = await runToy(["toy"], 1.01);
    expect(exitCode).toBe(1);
    expect(out).toContain('"ok":false');
  });

  test("a lane that fails exits 1 and says why", async () => {
    const { exitCode, err } = await runToy(["toy"], NaN);
    expect(exitCode).toBe(1);
    expect(err).toContain("the rival is not installed");
  });

  test("its options reach it", async () => {
    const { options } = await runToy(
      "toy --rounds 7 --seed 42 --absolute --packed a --packed b".split(" "),
    );
    expect(options).toMatchObject({ rounds: 7, seed: 42, isAbsolute: true, packed: ["a", "b"] });
  });

  test("the seed in its first line repeats the run", async () => {
    const first = await runToy(["toy"]);
    const { seed } = machineLineSchema.parse(JSON.parse(first.out.split("\n")[0] ?? ""));
    const second = await runToy(["toy", "--seed", String(seed)]);
    expect(second.options?.seed).toBe(first.options?.seed);
  });
});

describe("usage", () => {
  test.each([
    { argv: ["nope"], says: 'came "nope"' },
    { argv: ["constructor"], says: 'came "constructor"' },
    { argv: [], says: "expected a lane, came none" },
    { argv: ["toy", "toy"], says: "expected one lane" },
    { argv: ["toy", "--rounds", "4"], says: 'expected --rounds from 5, came "4"' },
    { argv: ["toy", "--rounds", "many"], says: 'came "many"' },
    { argv: ["toy", "--seed", "-1"], says: "--seed" },
    { argv: ["toy", "--fast"], says: "--fast" },
  ])("$argv exits 2, says what is wrong and names the lanes", async ({ argv, says }) => {
    const { exitCode, out, err } = await runToy(argv);
    expect(exitCode).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(says);
    expect(err).toContain("lanes: toy");
  });

  test("five rounds are enough", async () => {
    expect((await runToy(["toy", "--rounds", "5"])).exitCode).toBe(0);
  });

  test("the real program names its lanes and exits 2 for one that isn't built", async () => {
    const main = path.join(import.meta.dirname, "../../bench/main.ts");
    const run = await runMeasured([process.execPath, main, "raft"], { deadlineMs: 50_000 });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/came "raft"\nlanes: .*start/);
  });
});
