/** How a command line is refused, and that a store is none the worse for it. */
import { expect } from "vitest";
import { exitCodes } from "../../../src/cli/exit-code.ts";
import type { TestProject } from "../commands/command-line.ts";
import type { Scene, Typed } from "../scripted-terminal.ts";

/** One clear error. */
export interface Refusal {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
}

const orders = "id,price\n1,10\n2,20\n";

/** Files of a project with something to lose. */
export const standingFiles: Readonly<Record<string, string>> = {
  "orders.csv": orders,
  "pipelines/orders.toml": 'connector = "file"\n[source]\npath = "orders.csv"\n',
};

/**
 * Types a command line with `--json`, and expects what every bad input gets: one document with an
 * error that has a hint, a documented exit code that isn't a defect's, and no stack trace.
 */
export async function refusal(
  project: TestProject,
  args: readonly string[],
  scene: Scene = {},
): Promise<Refusal> {
  const typed = await project.typeIn(scene, "--json", ...args);
  return expectRefusal(typed, args);
}

/** The same of what was typed already. */
export function expectRefusal(
  { exitCode, out, err }: Typed,
  args: readonly string[] = [],
): Refusal {
  const shown = JSON.stringify(args).slice(0, 300);
  expect(
    exitCodes.map(({ code }) => code),
    shown,
  ).toContain(exitCode);
  expect([0, 1, 130], `${shown}: ${out}${err}`).not.toContain(exitCode);
  expect(err, shown).not.toMatch(/^\s+at \S/mu);
  const { error } = JSON.parse(out) as { error: { code: string; message: string; hint: string } };
  expect(error.hint, `${shown}: ${error.message}`).not.toBe("");
  // What is wrong with SQL DuckDB says in its own words, and so do database servers.
  expect(error.message, shown).toMatch(
    /(?:^|: )expected |^\w+(?: \w+)? Error: |\(SQLSTATE \w{5}\)$/u,
  );
  expect(`${error.message}${error.hint}`, shown).not.toMatch(/defect|please report/u);
  return { exitCode, code: error.code, message: error.message };
}

/** What the store holds of the project of `standingFiles`. */
export async function standing(project: TestProject): Promise<unknown> {
  return {
    rows: await project.document(0, "query", "select id, price from orders order by id"),
    snapshots: await project.document(0, "snapshots"),
    pipelines: await project.document(0, "pipeline", "show", "orders"),
  };
}
