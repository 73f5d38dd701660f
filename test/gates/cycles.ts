/**
 * Finds import cycles between the files of `src`: circles of statements that run at load time.
 *
 * Type imports are erased and lazy ones run later, so neither can make a module see another half
 * made.
 */
import { importsOf, resolveImport } from "./imports.ts";
import { isTypeScript, topFolder, type TreeFile } from "./tree.ts";

/** Finds one message for each circle of files, starting at its first path in order. */
export function findCycles(files: readonly TreeFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  const edges = new Map<string, readonly string[]>();
  for (const file of files) {
    if (topFolder(file.path) !== "src" || !isTypeScript(file.path)) continue;
    edges.set(file.path, valueTargets(file, paths));
  }
  return new CycleSearch(edges).run();
}

function valueTargets(file: TreeFile, paths: ReadonlySet<string>): string[] {
  return importsOf(file)
    .filter((entry) => entry.form === "value")
    .map((entry) => resolveImport(file.path, entry.specifier, paths))
    .flatMap((target) => (target.kind === "file" ? [target.path] : []));
}

/** A depth-first search that remembers the path it stands on. */
class CycleSearch {
  readonly #edges: ReadonlyMap<string, readonly string[]>;
  readonly #done = new Set<string>();
  readonly #trail: string[] = [];
  readonly #messages: string[] = [];

  constructor(edges: ReadonlyMap<string, readonly string[]>) {
    this.#edges = edges;
  }

  run(): string[] {
    for (const path of [...this.#edges.keys()].toSorted()) this.#enter(path);
    return this.#messages;
  }

  #enter(path: string): void {
    const seenAt = this.#trail.indexOf(path);
    if (seenAt >= 0) {
      this.#messages.push(`import cycle: ${[...this.#trail.slice(seenAt), path].join(" -> ")}`);
      return;
    }
    if (this.#done.has(path)) return;
    this.#done.add(path);
    this.#trail.push(path);
    for (const target of this.#edges.get(path) ?? []) this.#enter(target);
    this.#trail.pop();
  }
}
