/** Whether the files that the catalog names are there, as large as it says, and the same bytes. */
import { pageRowsMax, type Catalog, type PipelineRecord } from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { TableFile } from "../../core/snapshot.ts";
import { allSnapshots } from "../garbage/expire.ts";
import { emptyPartPath } from "../layout.ts";
import { allFiles } from "../snapshot/table-files.ts";
import { fileFault, type FileReference } from "../verify-file.ts";
import type { Finding } from "./finding.ts";
import type { InspectOptions } from "./inspect-context.ts";

/** A store whose catalog is open. */
export interface OpenStore {
  readonly catalog: Catalog;
  readonly filesystem: Filesystem;
}

/** Findings about parts, deletes and side files: of the newest snapshot, or if deep of all. */
export async function checkFiles(
  { catalog, filesystem }: OpenStore,
  options: InspectOptions,
): Promise<readonly Finding[]> {
  const { sequence: head } = await catalog.head();
  if (head === 0) return [];
  const findings = await checkEmptyPart(filesystem);
  const seen = new Set<number>();
  const look = lookerOf(filesystem, options);
  const snapshots = options.deep ? await allSnapshots(catalog) : [{ sequence: head }];
  for (const { sequence } of snapshots) {
    for (const { tableId, name } of await catalog.tables(sequence)) {
      for (const file of await allFiles(catalog, tableId, sequence)) {
        if (seen.has(file.fileId)) continue;
        seen.add(file.fileId);
        const fault = await look(file);
        if (fault !== null) findings.push(fileFinding(file, fault, { name, sequence, head }));
      }
    }
  }
  for (const reference of await boundaries(catalog)) {
    const fault = await look(reference);
    if (fault !== null) findings.push(boundaryFinding(reference, fault));
  }
  return findings;
}

type Look = (reference: FileReference) => Promise<string | null>;

function lookerOf(filesystem: Filesystem, { deep, signal }: InspectOptions): Look {
  return async (reference) => {
    signal.throwIfAborted();
    if (deep) return fileFault(filesystem, reference, signal);
    const { path, sizeBytes } = reference;
    const stat = await filesystem.stat(path);
    if (stat?.kind !== "file") return `'${path}' is missing`;
    const isRight = sizeBytes === null || stat.sizeBytes === sizeBytes;
    return isRight ? null : `'${path}' has ${stat.sizeBytes} bytes, not ${sizeBytes}`;
  };
}

function fileFinding(
  { path }: TableFile,
  fault: string,
  of: { readonly name: string; readonly sequence: number; readonly head: number },
): Finding {
  const isLive = of.sequence === of.head;
  const holder = isLive ? `table '${of.name}'` : `table '${of.name}' in snapshot ${of.sequence}`;
  return {
    severity: isLive ? "error" : "warning",
    code: "store.damaged_file",
    path,
    message: `expected a file of ${holder} as it was committed, but ${fault}`,
    hint: isLive
      ? "restore it from a copy; or load the table anew: hakiri run PIPELINE --full-refresh"
      : "",
  };
}

/** Every table of one file is read together with it. */
async function checkEmptyPart(filesystem: Filesystem): Promise<Finding[]> {
  if ((await filesystem.stat(emptyPartPath)) !== null) return [];
  return [
    {
      severity: "error",
      code: "store.empty_part_missing",
      path: emptyPartPath,
      message: "expected the file of no rows that views read beside a single part, got none",
      hint: "any run or query makes it again",
    },
  ];
}

async function boundaries(catalog: Catalog): Promise<readonly FileReference[]> {
  const references: FileReference[] = [];
  let after: string | null = null;
  for (;;) {
    const page: readonly PipelineRecord[] = await catalog.pipelines(after);
    for (const { pipelineId } of page) {
      for (const { cursor, boundaryPath } of await catalog.cursors(pipelineId)) {
        if (boundaryPath === null || cursor.boundary === null) continue;
        const { sha256 } = cursor.boundary;
        references.push({ path: boundaryPath, sizeBytes: null, sha256 });
      }
    }
    if (page.length < pageRowsMax) return references;
    after = page.at(-1)?.spec.name ?? null;
  }
}

function boundaryFinding({ path }: FileReference, fault: string): Finding {
  return {
    severity: "error",
    code: "store.damaged_boundary",
    path,
    message: `expected the file beside a cursor as it was committed, but ${fault}`,
    hint: "restore it from a copy; or start the stream anew: hakiri state rewind",
  };
}
