import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { figureLine } from "../../../bench/figure.ts";
import { measureStarts, startTargets } from "../../../bench/lanes/start.ts";
import type { LaneOptions } from "../../../bench/lane.ts";
import { figureSchema } from "../figure-schema.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "hakiri-bench-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Makes a build whose launcher is the given shell script, and returns its folder. */
function makeBuild(name: string, script: string): string {
  const dir = path.join(scratch, name);
  mkdirSync(path.join(dir, "bin"), { recursive: true });
  writeFileSync(path.join(dir, "bin", "hakiri"), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(dir, "bin", "hakiri"), 0o755);
  return dir;
}

function optionsFor(projectDir: string, given: Partial<LaneOptions> = {}) {
  const said: string[] = [];
  const options: LaneOptions = {
    rounds: 5,
    seed: 1,
    isAbsolute: false,
    packed: [],
    projectDir,
    progress: (text) => void said.push(text),
    ...given,
  };
  return { options, said };
}

describe("targets", () => {
  test("every release in dist is measured beside the checkout, and nothing else that lies there", () => {
    const projectDir = makeBuild("project", "exit 0");
    makeBuild("project/dist/hakiri-core", "exit 0");
    makeBuild("project/dist/hakiri-coord", "exit 0");
    makeBuild("project/dist/package", "exit 0");
    mkdirSync(path.join(projectDir, "dist", "hakiri-notes"));
    const prefixes = startTargets({ projectDir, packed: [] }).map((target) => target.prefix);
    expect(prefixes.toSorted()).toEqual(["", "hakiri-coord.", "hakiri-core."]);
  });

  test("a named build replaces those in dist, and its own node is its limit", () => {
    const packed = makeBuild("full", "exit 0");
    writeFileSync(path.join(packed, "bin", "node"), "");
    const [checkout, full] = startTargets({ projectDir: scratch, packed: [packed] });
    expect(checkout?.node).toBe(process.execPath);
    expect(full).toMatchObject({ prefix: "full.", node: path.join(packed, "bin", "node") });
  });
});

describe("figures", () => {
  test("each command has a ratio with CPU time beside it, and its limit from the same rounds", async () => {
    const { options } = optionsFor(makeBuild("whole", "exit 0"));
    const figures = await measureStarts(startTargets(options), options);
    expect(figures.map((figure) => figure.figure)).toEqual(
      ["version", "help", "doctor_duckdb"].flatMap((name) => [
        `${name}.wall`,
        `${name}.cpu`,
        `${name}.peak_rss`,
      ]),
    );
    for (const figure of figures) {
      figureSchema.parse(JSON.parse(figureLine(figure)));
      expect(figure.limit?.name).toBe("node -e 0");
      expect(figure.runs).toBe(5);
      if (figure.unit === "x") expect(figure.cpuMsPerOp).toBeGreaterThan(0);
    }
    // A shell that exits at once is far cheaper than node: the goal can't be missed here.
    expect(figures[0]).toMatchObject({ figure: "version.wall", goal: { max: 2.5 }, ok: true });
  });

  test("wall times are reported only where absolute figures are asked for", async () => {
    const { options } = optionsFor(makeBuild("absolute", "exit 0"), { isAbsolute: true });
    const figures = await measureStarts(startTargets(options), options);
    const wall = figures.find((figure) => figure.figure === "version.wall_ms");
    expect(wall).toMatchObject({ unit: "ms", goal: { max: 200 } });
  });

  test("a build without a command is measured without it, and that is said", async () => {
    const script = '[ "$1" = --version ] || exit 2';
    const { options, said } = optionsFor(makeBuild("small", script));
    const figures = await measureStarts(startTargets(options), options);
    expect(figures.map((figure) => figure.figure)).toEqual([
      "version.wall",
      "version.cpu",
      "version.peak_rss",
    ]);
    expect(said.join("\n")).toContain("left out doctor_duckdb: this build has no such command");
  });

  test("a command that fails is an error with its last words, never a fast start", async () => {
    const script = "echo cannot load duckdb >&2; exit 3";
    const { options } = optionsFor(makeBuild("broken", script));
    await expect(measureStarts(startTargets(options), options)).rejects.toThrow(
      /came exit 3\ncannot load duckdb/,
    );
  });
});
