/** `hakiri doctor`: proves that each library of a profile loads and does its smallest work. */
import { HakiriError, usageError } from "../core/error.ts";
import type { Answer, Command } from "./command.ts";
import { exitCodeOf, exitDone } from "./exit-code.ts";

/** A library of a profile, and a check that loads it and has it do its smallest real work. */
export interface Library {
  readonly name: string;
  /** What hakiri has it for, a few words. */
  readonly purpose: string;
  /** Answers with what it saw, a few words; throws where the library can't do its work. */
  readonly check: () => Promise<string>;
}

interface Finding {
  readonly library: string;
  readonly purpose: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  readonly detail: string;
}

/** Milliseconds since some fixed moment, never going back. */
export type Stopwatch = () => number;

/** The command for a profile that carries these libraries. */
export function doctorCommand(libraries: readonly Library[], stopwatch: Stopwatch): Command {
  return {
    name: "doctor",
    summary: "check that every library of this installation loads and works",
    operand: { name: "LIBRARY", description: "check only these; all when none is named" },
    examples: ["hakiri doctor", `hakiri doctor ${libraries[0]?.name ?? ""} --json`],
    weight: "heavy",
    load: async () => (names) => examine(chosen(libraries, names), stopwatch),
  };
}

function chosen(libraries: readonly Library[], names: readonly string[]): readonly Library[] {
  const known = new Map(libraries.map((library) => [library.name, library]));
  if (names.length === 0) return libraries;
  return names.map((name) => {
    const library = known.get(name);
    if (library !== undefined) return library;
    throw usageError(
      "unknown_library",
      `expected a library of this profile, got '${name}'`,
      `one of: ${[...known.keys()].join(", ")}`,
    );
  });
}

async function examine(libraries: readonly Library[], stopwatch: Stopwatch): Promise<Answer> {
  const findings: Finding[] = [];
  // One after the other, so that each time and each memory figure is the library's own.
  for (const library of libraries) findings.push(await check(library, stopwatch));
  const failed = findings.filter((finding) => !finding.ok);
  return {
    text: `${findings.map(line).join("\n")}\n${verdict(findings.length, failed)}\n`,
    document: { ok: failed.length === 0, libraries: findings.map((finding) => ({ ...finding })) },
    exitCode: failed.length === 0 ? exitDone : exitCodeOf(damaged),
  };
}

const damaged = { kind: "Permanent", code: "installation.damaged" } as const;

async function check(library: Library, stopwatch: Stopwatch): Promise<Finding> {
  const start = stopwatch();
  const outcome = await library.check().then(
    (detail) => ({ ok: true, detail }),
    (error: unknown) => ({ ok: false, detail: reason(error) }),
  );
  const milliseconds = Math.round((stopwatch() - start) * 10) / 10;
  return { library: library.name, purpose: library.purpose, ...outcome, milliseconds };
}

function reason(error: unknown): string {
  if (error instanceof HakiriError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function line(finding: Finding): string {
  const mark = finding.ok ? "ok    " : "failed";
  const time = `${finding.milliseconds.toFixed(1)} ms`.padStart(10);
  return `${mark} ${finding.library.padEnd(12)}${time}  ${finding.purpose}: ${finding.detail}`;
}

function verdict(count: number, failed: readonly Finding[]): string {
  if (failed.length === 0) return `${count} of ${count} libraries work`;
  const names = failed.map((finding) => finding.library).join(", ");
  return (
    `${count - failed.length} of ${count} libraries work; not: ${names}\n` +
    "  install hakiri again, and check that this platform is one of its packages"
  );
}
