/**
 * The decision records: numbered without gaps, of one form, and with a row for each dependency.
 */
import { z } from "zod";
import type { TreeFile } from "../tree.ts";
import type { Check } from "./check.ts";
import { headingsOf, proseLines } from "./markdown.ts";

const folder = "docs/adr/";
const dependencyRecord = "docs/adr/0002-dependencies.md";
const sections = ["Context", "Decision", "Rejected", "Consequences"];

const isRecordPath = (path: string): boolean =>
  path.startsWith(folder) && path !== `${folder}README.md`;

/** A record is found by its number, and no number is missing. */
export const recordNumbers: Check = {
  claim: "decision records are named NNNN-title.md and numbered without gaps",
  floor: 2,
  looksAt: isRecordPath,
  find: (files) => {
    const paths = files.map(({ path }) => path).toSorted();
    const misnamed = paths.filter((path) => !/^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/u.test(path));
    if (misnamed.length > 0) return misnamed.map((path) => `${path}: is not named NNNN-title.md`);
    return paths.flatMap((path, index) => {
      const expected = String(index + 1).padStart(4, "0");
      return path.startsWith(`${folder}${expected}-`)
        ? []
        : [`${path}: stands where ${expected} belongs`];
    });
  },
};

/** A record says what was chosen, what was not, and what follows. */
export const recordSections: Check = {
  claim: "each decision record has context, decision, rejected and consequences",
  floor: 2,
  looksAt: (path) => isRecordPath(path) && path.endsWith(".md"),
  find: (files) =>
    files.flatMap(({ path, text }) => {
      const titles = headingsOf(text)
        .filter(({ level }) => level === 2)
        .map(({ title }) => title);
      return sections
        .filter((section) => !titles.some((title) => title.startsWith(section)))
        .map((section) => `${path}: has no section "${section}"`);
    }),
};

const manifestShape = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** Each dependency is a decision: why, size, licence, and what leaving it costs. */
export const dependencyRows: Check = {
  claim: "each dependency has a full row in the dependency record, and each row a dependency",
  floor: 2,
  looksAt: (path) => path === "package.json" || path === dependencyRecord,
  find: (files) => {
    const record = files.find(({ path }) => path === dependencyRecord);
    if (record === undefined) return [`${dependencyRecord}: does not exist`];
    const rows = rowsOf(record.text);
    const names = dependencyNames(files);
    const missing = names
      .filter((name) => !rows.some((row) => row.names.includes(name)))
      .map((name) => `${dependencyRecord}: has no row for \`${name}\``);
    const partial = rows
      .filter((row) => row.names.some((name) => names.includes(name)) && !row.isFull)
      .map(
        (row) =>
          `${dependencyRecord}:${String(row.line)}: lacks why, size, licence or cost of leaving`,
      );
    const stale = rows.flatMap((row) =>
      row.names
        .filter((name) => !names.includes(name))
        .map(
          (name) =>
            `${dependencyRecord}:${String(row.line)}: \`${name}\` is no longer a dependency`,
        ),
    );
    return [...missing, ...partial, ...stale];
  },
};

function dependencyNames(files: readonly TreeFile[]): string[] {
  const manifest = files.find(({ path }) => path === "package.json");
  const parsed = manifestShape.parse(JSON.parse(manifest?.text ?? "{}"));
  const { dependencies, devDependencies, optionalDependencies } = parsed;
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
}

interface Row {
  readonly names: readonly string[];
  readonly line: number;
  readonly isFull: boolean;
}

/** A row of five cells or more speaks of the dependencies in backticks in its first cell. */
function rowsOf(text: string): Row[] {
  return proseLines(text).flatMap(({ text: content, line }) => {
    if (!/^\s*\|.*\|\s*$/u.test(content)) return [];
    const cells = content
      .trim()
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim());
    const names = [...(cells[0] ?? "").matchAll(/`([^`]+)`/gu)].flatMap((match) => match[1] ?? []);
    if (cells.length < 5 || names.length === 0) return [];
    return [{ names, line, isFull: cells.every((cell) => cell !== "") }];
  });
}
