/**
 * Checks every import of the tree against the table of rooms, and the pure rooms against I/O.
 */
import { importsOf, resolveImport, type FileImport, type ImportTarget } from "./imports.ts";
import {
  guestModule,
  guestRooms,
  isPure,
  layerTable,
  mayImport,
  outerRooms,
  pureExceptions,
  roomOf,
} from "./layer-table.ts";
import { findHiddenLoaders } from "./hidden-loaders.ts";
import { isTypeScript, type TreeFile } from "./tree.ts";

/** What the check saw: the floor of the gate counts `importsSeen`. */
export interface LayerReport {
  readonly filesSeen: number;
  readonly importsSeen: number;
  readonly messages: readonly string[];
}

/** Checks all TypeScript among the files. A message names file, line and the broken rule. */
export function checkLayers(files: readonly TreeFile[]): LayerReport {
  const paths = new Set(files.map((file) => file.path));
  const sources = files.filter((file) => isTypeScript(file.path));
  const messages: string[] = [];
  let importsSeen = 0;
  for (const file of sources) {
    const room = roomOf(file.path);
    if (!layerTable.has(room.row)) {
      messages.push(`${file.path}: the room ${room.own} is not in the table of imports`);
      continue;
    }
    for (const entry of importsOf(file)) {
      importsSeen += 1;
      const isOuter = outerRooms.has(room.row);
      if (isOuter && (entry.form === "url" || entry.form === "computed")) continue;
      const target = resolveImport(file.path, entry.specifier, paths);
      const fault =
        entry.form === "computed"
          ? "imports a computed path"
          : (faultOf(file.path, target) ?? formFault(file.path, entry));
      if (fault !== undefined) messages.push(`${file.path}:${String(entry.line)}: ${fault}`);
    }
    if (!outerRooms.has(room.row)) messages.push(...findHiddenLoaders(file));
  }
  return { filesSeen: sources.length, importsSeen, messages };
}

function faultOf(from: string, target: ImportTarget): string | undefined {
  switch (target.kind) {
    case "unresolved":
      return target.why;
    case "file":
      return fileFault(from, target.path);
    case "builtin":
    case "package":
      return outsideFault(from, target);
  }
}

function fileFault(from: string, to: string): string | undefined {
  const [own, other] = [roomOf(from), roomOf(to)];
  if (!mayImport(own, other)) return `${own.own} may not import ${other.own} (${to})`;
  // A pure file that imports an impure one (to-arrow, the sync scan) is no longer pure.
  if (isProvenPure(from) && !isProvenPure(to)) return `a pure file may not import ${to}`;
  return undefined;
}

function isProvenPure(path: string): boolean {
  return isPure(path) && !pureExceptions.has(path);
}

function outsideFault(
  from: string,
  target: Extract<ImportTarget, { readonly name: string }>,
): string | undefined {
  if (isPure(from) && pureExceptions.get(from) !== target.name) {
    return `a pure room may not import the ${target.kind} ${target.name}`;
  }
  if (guestRooms.has(roomOf(from).row) && !guestModule.test(target.name)) {
    return `a guest has no ${target.kind} ${target.name}`;
  }
  return undefined;
}

/** A pure file that loads code at run time does I/O, whatever it loads. */
function formFault(from: string, entry: FileImport): string | undefined {
  return isPure(from) && (entry.form === "lazy" || entry.form === "url")
    ? "a pure room imports statically"
    : undefined;
}
