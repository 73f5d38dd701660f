/**
 * All tidy checks by name. A check that is not here does not run, and each one here has a canary.
 */
import { changelog } from "./changelog.ts";
import { docstrings, headComments } from "./comments.ts";
import { dependencyRows, recordNumbers, recordSections } from "./decisions.ts";
import { blobs, deadFiles } from "./files.ts";
import { lazyPackages } from "./lazy.ts";
import { machinePaths, registryHosts } from "./leaks.ts";
import { fileLength, lineLength } from "./lengths.ts";
import { headings, links } from "./markdown.ts";
import { holes, narrowedTests, silencedCheckers, unfinishedMarks } from "./marks.ts";
import { defaultExports, exportNames, pathNames } from "./names.ts";
import { sleeps, synchronousCore } from "./waiting.ts";
import type { Check } from "./check.ts";

/** The checks of the tree. */
export const checks = {
  blobs,
  changelog,
  deadFiles,
  defaultExports,
  dependencyRows,
  docstrings,
  exportNames,
  fileLength,
  headComments,
  headings,
  holes,
  lazyPackages,
  lineLength,
  links,
  machinePaths,
  narrowedTests,
  pathNames,
  recordNumbers,
  recordSections,
  registryHosts,
  silencedCheckers,
  sleeps,
  synchronousCore,
  unfinishedMarks,
} satisfies Record<string, Check>;

/** The name of a check. */
export type CheckName = keyof typeof checks;
