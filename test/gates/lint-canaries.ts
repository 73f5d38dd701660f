/**
 * The planted uses of clock, chance, I/O and locale that the linter must report, room by room.
 */

/** A planted file: where it lies, what it says, and the rule that must be named. */
export interface LintCanary {
  readonly path: string;
  readonly text: string;
  readonly rule: string;
}

const globals = "eslint(no-restricted-globals)";
const properties = "eslint(no-restricted-properties)";
const imports = "eslint(no-restricted-imports)";

/** One file for each text, all reported by one rule. */
function inRooms(
  rooms: readonly string[],
  rule: string,
  texts: Readonly<Record<string, string>>,
): LintCanary[] {
  return rooms.flatMap((room) =>
    Object.entries(texts).map(([name, text]) => ({ path: `src/${room}/${name}.ts`, text, rule })),
  );
}

const portRooms = ["core", "raft", "columns", "runtime", "cli"];
const outsideRooms = ["runtime", "cli"];
const pureRooms = ["core", "raft", "columns", "sync/plan"];

/** In each room that must not have them: the clock and chance. */
export const portCanaries: readonly LintCanary[] = [
  ...inRooms(portRooms, globals, {
    date: "export const x = Date.now();",
    "new-date": "export const x = new Date();",
    global: "export const x = globalThis.Date.now();",
    performance: "export const x = performance.now();",
    temporal: "export const x = Temporal.Now.instant();",
  }),
  ...inRooms(portRooms, properties, {
    random: "export const x = Math.random();",
    "random-alone": "const { random } = Math;\nexport const x = random();",
    uuid: "export const x = crypto.randomUUID();",
  }),
  ...inRooms(portRooms, imports, {
    "random-bytes": 'import { randomBytes } from "node:crypto";\nexport const x = randomBytes(8);',
    "crypto-default": 'import c from "node:crypto";\nexport const x = c.randomUUID();',
    "crypto-whole": 'import * as c from "node:crypto";\nexport const x = c.randomUUID();',
    "crypto-passed-on": 'export { randomBytes } from "node:crypto";',
    "crypto-all": 'export * from "node:crypto";',
    hrtime: 'import { hrtime } from "node:process";\nexport const x = hrtime();',
    "process-default": 'import p from "node:process";\nexport const x = p.hrtime();',
    "process-whole": 'import * as p from "node:process";\nexport const x = p.hrtime();',
    "uptime-of-os": 'import { uptime } from "node:os";\nexport const x = uptime();',
    "perf-whole": 'import * as p from "node:perf_hooks";\nexport const x = p.performance.now();',
    "pause-of-timers": 'import { promises } from "node:timers";\nexport const x = promises;',
    pause: 'import { setTimeout as s } from "node:timers/promises";\nexport const x = s(1);',
  }),
  ...inRooms(outsideRooms, properties, {
    "hrtime-of-process": "export const x = process.hrtime();",
    uptime: "export const x = process.uptime();",
  }),
];

/** In each pure room besides: timers, I/O, locale, and globals by another name. */
export const pureCanaries: readonly LintCanary[] = [
  ...inRooms(pureRooms, globals, {
    timer: "export const x = (f: () => void): unknown => setTimeout(f, 1);",
    process: "export const x = process.pid;",
    crypto: "export const x = crypto.subtle;",
    intl: "export const x = new Intl.NumberFormat();",
    atomics: "export const x = Atomics.wait(new Int32Array(1), 0, 0, 1);",
    "global-alone": "export const x: unknown = globalThis;",
    "global-computed": "export const x = (n: string): unknown => Reflect.get(globalThis, n);",
    "global-of-node": "export const x: unknown = global;",
  }),
  ...inRooms(pureRooms, properties, {
    construct: "export const x: unknown = Reflect.construct(Object, []);",
    "from-async": "export const x: unknown = Array.fromAsync([]);",
    "locale-compare": 'export const x = "a".localeCompare("b");',
    "locale-string": "export const x = (1).toLocaleString();",
    "locale-case": 'export const x = "I".toLocaleLowerCase();',
    "locale-name": 'export const x: unknown = "I"["toLocaleUpperCase"]();',
  }),
];
