/**
 * `npm run check [-- NAME...]`: format, lint, types, gates, dead code. Runs them all, prints what
 * failed in full and the rest in a line, and ends with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";

/** The two gates that run the linter and knip on the tree are left to `npm test`. */
const gates = ["layers", "purity", "tidy", "package"];

const checks: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  format: ["prettier", "--check", "."],
  lint: ["oxlint", "--deny-warnings", "--disable-nested-config"],
  types: ["tsc", "-p", "tsconfig.json"],
  gates: [
    ...(["vitest", "run", "--reporter=dot", "--configLoader", "native"] as const),
    ...gates.map((gate) => `test/${gate}.test.ts`),
  ],
  "dead-code": ["knip"],
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) {
  const names = Object.keys(checks).join(", ");
  console.error(`check: expected one of ${names}, got ${unknown.join(", ")}`);
  process.exit(2);
}

const chosen = Object.entries(checks).filter(
  ([name]) => named.length === 0 || named.includes(name),
);
const failed = chosen.filter(([name, [program, ...args]]) => !passes(name, program, args));
console.log(`${chosen.length - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) process.exitCode = 1;

function passes(name: string, program: string, args: readonly string[]): boolean {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(`node_modules/.bin/${program}`, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // What a failed check printed is quoted, mostly into a log.
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "failed"} ${name} (${seconds} s)`);
  if (status !== 0) console.log(`${error?.message ?? ""}${stdout}${stderr}`);
  return status === 0;
}
