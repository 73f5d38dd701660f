/**
 * All tidy checks by name. A check that is not here does not run, and each one here has a canary.
 */
import { changelog } from "./changelog.ts";
import { docstrings, headComments } from "./comments.ts";
import { dependencyRows, recordNumbers, recordSections } from "./decisions.ts";
import { blobs, deadFiles } from "./files.ts";
import { lazyBuiltins, lazyPackages } from "./lazy.ts";
import { machinePaths, registryHosts } from "./leaks.ts";
import { fileLength, lineLength } from "./lengths.ts";
import { ambientValues, watchedGlobals } from "./globals.ts";
import { headings, links } from "./markdown.ts";
import { holes, silencedCheckers, unfinishedMarks } from "./marks.ts";
import { defaultExports, exportNames, pathNames } from "./names.ts";
import { conditionalTests, narrowedTests } from "./narrowed.ts";
import { ownUrls } from "./own-urls.ts";
import { codeKinds, oneLinter, topFolders } from "./shape.ts";
import { sleeps, synchronousCore } from "./waiting.ts";
import type { Check } from "./check.ts";

/** The checks of the tree. */
export const checks = {
  ambientValues,
  blobs,
  changelog,
  codeKinds,
  conditionalTests,
  deadFiles,
  defaultExports,
  dependencyRows,
  docstrings,
  exportNames,
  fileLength,
  headComments,
  headings,
  holes,
  lazyBuiltins,
  lazyPackages,
  lineLength,
  links,
  machinePaths,
  narrowedTests,
  oneLinter,
  ownUrls,
  pathNames,
  recordNumbers,
  recordSections,
  registryHosts,
  silencedCheckers,
  sleeps,
  synchronousCore,
  topFolders,
  unfinishedMarks,
  watchedGlobals,
} satisfies Record<string, Check>;

/** The name of a check. */
export type CheckName = keyof typeof checks;
