/** `hakiri doctor`: proves that each library of a profile works, and all else that it is given. */
import { HakiriError } from "../core/error.ts";
import { defineCommand, type Answer, type Command, type CommandContext } from "./command.ts";
import { exitCodeOf, exitDone } from "./exit-code.ts";
import { visibleLines } from "./text/visible-text.ts";

/** Something that doctor looks at. */
export interface Check {
  readonly name: string;
  /** What hakiri has it for, a few words. */
  readonly purpose: string;
  /** Answers with what it saw, a few words; throws where it isn't as it should be. */
  readonly check: (context: CommandContext) => Promise<string>;
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

interface Finding {
  readonly name: string;
  readonly purpose: string;
  readonly error: HakiriError | undefined;
  readonly milliseconds: number;
  readonly detail: string;
}

/** The command for a profile that has these libraries and checks. */
export function doctorCommand({ libraries, checks = [], stopwatch }: Examination): Command {
  const all = [...libraries, ...checks];
  const names = all.map(({ name }) => name);
  return defineCommand({
    name: "doctor",
    group: "This installation",
    summary: "check that every library of this installation loads and works",
    operands: {
      check: {
        arity: "any",
        description: "check only these; all when none is named",
        choices: names,
      },
    },
    options: {},
    examples: ["hakiri doctor", `hakiri doctor ${names[0] ?? ""} --json`],
    weight: "heavy",
    load:
      async () =>
      async ({ operands }, context) => {
        const chosen = operands.check.length === 0 ? names : operands.check;
        const isChosen = ({ name }: Check): boolean => chosen.includes(name);
        const findings = {
          libraries: await examine(libraries.filter(isChosen), stopwatch, context),
          checks: await examine(checks.filter(isChosen), stopwatch, context),
        };
        return answer(findings.libraries, findings.checks);
      },
  });
}

/** One after the other, so that each time and each memory figure is the check's own. */
async function examine(
  checks: readonly Check[],
  stopwatch: Stopwatch,
  context: CommandContext,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const one of checks) {
    context.signal.throwIfAborted();
    const startMs = stopwatch();
    const outcome = await one.check(context).then(
      (detail) => ({ error: undefined, detail }),
      (error: unknown) => ({ error: failureOf(error), detail: reason(error) }),
    );
    const milliseconds = Math.round((stopwatch() - startMs) * 10) / 10;
    findings.push({ name: one.name, purpose: one.purpose, ...outcome, milliseconds });
  }
  return findings;
}

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
  const failures = findings.map(({ error }) => error).filter((error) => error !== undefined);
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

function document({ purpose, error, milliseconds, detail }: Omit<Finding, "name">) {
  const failure = error === undefined ? {} : { code: error.code, hint: error.hint };
  return { purpose, ok: error === undefined, milliseconds, detail, ...failure };
}

function line({ name, purpose, error, milliseconds, detail }: Finding): string {
  const mark = error === undefined ? "ok    " : "failed";
  const time = `${milliseconds.toFixed(1)} ms`.padStart(10);
  return `${mark} ${name.padEnd(12)}${time}  ${purpose}: ${visibleLines(detail)}`;
}

function verdict(findings: readonly Finding[]): string {
  const failed = findings.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return `${findings.length} of ${findings.length} checks passed`;
  const names = failed.map(({ name }) => name).join(", ");
  const hints = new Set(failed.map(({ error }) => error?.hint ?? "").filter((hint) => hint !== ""));
  const passed = `${findings.length - failed.length} of ${findings.length} checks passed`;
  return [`${passed}; not: ${names}`, ...[...hints].map((hint) => `  ${hint}`)].join("\n");
}
