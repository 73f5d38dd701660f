/**
 * A catalog's file copied to where it may be opened: SQLite can't read a database with a
 * write-ahead log in a folder that it may not write to.
 *
 *   K1. The file is copied before its log. What a checkpoint moves meanwhile is in the log still,
 *       so that the two together are whole.
 *   K2. That holds while the log isn't begun anew, which changes its header, and while nobody
 *       without a log touches the file; where either happens the copy is made again.
 */
import { closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { HakiriError } from "../../core/error.ts";
import { sqliteFault } from "./sqlite-fault.ts";

/** Copies that are tried: each takes no longer than reading the file. */
export const copyTriesMax = 5;

/** Bytes of a log's header, with its salts in it (https://sqlite.org/fileformat2.html, 4.1). */
const logHeaderBytes = 32;

/**
 * Copies the catalog at a path, with what is in its log, to a path in another folder. `between` is
 * called once a copy is there and before it is judged, for tests. Throws Permanent `disk.*`, and
 * Transient `catalog.busy` where others write all the time.
 */
export function copyCatalog(from: string, to: string, between: () => void = () => {}): void {
  try {
    for (let tries = 0; tries < copyTriesMax; tries += 1) {
      const before = stampOf(from);
      copyFileSync(from, to); // K1
      copyLog(`${from}-wal`, `${to}-wal`);
      between();
      if (stampOf(from) === before) return; // K2
    }
  } catch (error) {
    throw sqliteFault(error, from);
  }
  throw new HakiriError({
    kind: "Transient",
    code: "catalog.busy",
    message: `expected a moment at which nobody writes the catalog ${from}, got none`,
    hint: "run it again, once other commands on this project are done",
  });
}

function copyLog(from: string, to: string): void {
  rmSync(to, { force: true });
  if (existsSync(from)) copyFileSync(from, to);
}

function stampOf(path: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs, logHeader(`${path}-wal`)].join(" ");
}

/** In hexadecimal; empty where there is no log. */
function logHeader(path: string): string {
  if (!existsSync(path)) return "";
  const handle = openSync(path, "r");
  try {
    const header = Buffer.alloc(logHeaderBytes);
    return header.toString("hex", 0, readSync(handle, header, 0, logHeaderBytes, 0));
  } finally {
    closeSync(handle);
  }
}
