/** `hakiri doctor`: proves that each library of a profile works, and all else that it is given. */
import { HakiriError } from "../core/error.ts";
import type { Json } from "../core/json.ts";
import { defineCommand, type Answer, type Command, type CommandContext } from "./command.ts";
import { exitCodeOf, exitDone } from "./exit-code.ts";
import { visibleLines, visibleText } from "./text/visible-text.ts";

/** Something that doctor looks at. */
export interface Check {
  readonly name: string;
  /** What hakiri has it for, a few words. */
  readonly purpose: string;
  /** Answers with what it saw, a few words or more; throws where it isn't as it should be. */
  readonly check: (context: CommandContext) => Promise<string | CheckReport>;
}

/** What a check saw that takes more than a few words. */
export interface CheckReport {
  /** A few words. */
  readonly detail: string;
  /** All of it for people, a line each. */
  readonly lines: readonly string[];
  /** All of it for programs. */
  readonly findings: readonly Json[];
  /** What the check fails with; null where nothing is wrong. */
  readonly error: HakiriError | null;
}

/** A library of a profile: its check loads it and has it do its smallest real work. */
export type Library = Check;

/** What doctor looks at, and what it is timed with. */
export interface Examination {
  readonly libraries: readonly Library[];
  /** Further checks, such as the store's; they run after the libraries they stand on. */
  readonly checks?: readonly Check[];
  readonly stopwatch: Stopwatch;
}

/** Milliseconds since some fixed moment, never going back. */
export type Stopwatch = () => number;

interface Finding extends CheckReport {
  readonly name: string;
  readonly purpose: string;
  readonly milliseconds: number;
}

/** The command for a profile that has these libraries and checks. */
export function doctorCommand(examination: Examination): Command {
  const { libraries, checks = [] } = examination;
  const names = [...libraries, ...checks].map(({ name }) => name);
  return defineCommand({
    name: "doctor",
    group: "This installation",
    summary: "check that every library of this installation loads and works",
    operands: { check: checkOperand(names) },
    options: {},
    examples: ["hakiri doctor", `hakiri doctor ${names[0] ?? ""} --json`],
    weight: "heavy",
    load:
      async () =>
      ({ operands }, context) =>
        examine(examination, operands.check, context),
  });
}

/** The operand of a doctor who knows these checks. */
export function checkOperand(names: readonly string[]) {
  return {
    arity: "any",
    description: "check only these; all when none is named",
    choices: names,
  } as const;
}

/** Runs the checks of these names, all where none is named; exits as the first that failed. */
export async function examine(
  { libraries, checks = [], stopwatch }: Examination,
  names: readonly string[],
  context: CommandContext,
): Promise<Answer> {
  const isChosen = ({ name }: Check): boolean => names.length === 0 || names.includes(name);
  const found = {
    libraries: await runChecks(libraries.filter(isChosen), stopwatch, context),
    checks: await runChecks(checks.filter(isChosen), stopwatch, context),
  };
  return answer(found.libraries, found.checks);
}

/** One after the other, so that each time and each memory figure is the check's own. */
async function runChecks(
  checks: readonly Check[],
  stopwatch: Stopwatch,
  context: CommandContext,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const one of checks) {
    context.signal.throwIfAborted();
    const startMs = stopwatch();
    const outcome = await one.check(context).then(
      (seen) => (typeof seen === "string" ? { ...nothingMore, detail: seen } : seen),
      (error: unknown) => ({ ...nothingMore, error: failureOf(error), detail: reason(error) }),
    );
    const milliseconds = Math.round((stopwatch() - startMs) * 10) / 10;
    findings.push({ name: one.name, purpose: one.purpose, ...outcome, milliseconds });
  }
  return findings;
}

const nothingMore = { lines: [], findings: [], error: null } as const;

/** What a check throws that isn't ours is the library's: the installation is damaged. */
function failureOf(error: unknown): HakiriError {
  if (error instanceof HakiriError) return error;
  return new HakiriError(
    {
      kind: "Permanent",
      code: "installation.damaged",
      message: reason(error),
      hint: "install hakiri again, and check that this platform is one of its packages",
    },
    { cause: error },
  );
}

function reason(error: unknown): string {
  if (error instanceof HakiriError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function answer(libraries: readonly Finding[], checks: readonly Finding[]): Answer {
  const findings = [...libraries, ...checks];
  const failures = findings.map(({ error }) => error).filter((error) => error !== null);
  const [first] = failures;
  return {
    text: `${findings.map(line).join("\n")}\n${verdict(findings)}\n`,
    document: {
      ok: first === undefined,
      libraries: libraries.map(({ name, ...rest }) => ({ library: name, ...document(rest) })),
      checks: checks.map(({ name, ...rest }) => ({ check: name, ...document(rest) })),
    },
    exitCode: first === undefined ? exitDone : exitCodeOf(first),
  };
}

function document({ purpose, error, milliseconds, detail, findings }: Omit<Finding, "name">) {
  const failure = error === null ? {} : { code: error.code, hint: error.hint };
  const more = findings.length === 0 ? {} : { findings };
  return { purpose, ok: error === null, milliseconds, detail, ...failure, ...more };
}

function line({ name, purpose, error, milliseconds, detail, lines }: Finding): string {
  const mark = error === null ? "ok    " : "failed";
  const time = `${milliseconds.toFixed(1)} ms`.padStart(10);
  const head = `${mark} ${name.padEnd(12)}${time}  ${purpose}: ${visibleLines(detail)}`;
  return [head, ...lines.map((more) => `  ${visibleText(more)}`)].join("\n");
}

function verdict(findings: readonly Finding[]): string {
  const failed = findings.filter(({ error }) => error !== null);
  if (failed.length === 0) return `${findings.length} of ${findings.length} checks passed`;
  const names = failed.map(({ name }) => name).join(", ");
  const hints = new Set(failed.map(({ error }) => error?.hint ?? "").filter((hint) => hint !== ""));
  const passed = `${findings.length - failed.length} of ${findings.length} checks passed`;
  return [`${passed}; not: ${names}`, ...[...hints].map((hint) => `  ${hint}`)].join("\n");
}
