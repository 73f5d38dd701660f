/** What SQLite's and the disk's errors are to hakiri. */
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { HakiriError, type ErrorRecord } from "../../core/error.ts";

/**
 * The error as a caller can act on it: busy, damaged, or a failure of the disk, naming the file. An
 * error that only a defect of ours explains is answered as it is.
 */
export function sqliteFault(error: unknown, path: string): unknown {
  const record = recordOf(error, path);
  return record === null ? error : new HakiriError(record, { cause: error });
}

function recordOf(error: unknown, path: string): ErrorRecord | null {
  // A text of ours that isn't JSON any more was changed on disk.
  if (error instanceof SyntaxError) return damaged(path, error.message);
  if (error instanceof Database.SqliteError) return sqliteRecord(error, path);
  return error instanceof Error ? diskRecord(error, path) : null;
}

function sqliteRecord(error: InstanceType<typeof Database.SqliteError>, path: string) {
  const { code, message } = error;
  if (/^SQLITE_(?:BUSY|LOCKED|PROTOCOL)/u.test(code)) return busy(path, code);
  if (/^SQLITE_(?:CORRUPT|NOTADB)/u.test(code)) return damaged(path, message);
  if (code === "SQLITE_ERROR" && /^no such (?:table|column)/u.test(message)) {
    return damaged(path, message);
  }
  // The index of the write-ahead log is made as large as it must be at once, which takes room too.
  if (code === "SQLITE_FULL" || code === "SQLITE_IOERR_SHMSIZE") return disk("full", path, code);
  if (code.startsWith("SQLITE_READONLY")) return disk("read_only", path, code);
  if (/^SQLITE_(?:CANTOPEN|PERM|AUTH)/u.test(code)) {
    return accessRecord(path) ?? disk("permission", path, code);
  }
  return code.startsWith("SQLITE_IOERR") ? disk("failed", path, code) : null;
}

const diskCodes: Readonly<Record<string, DiskCode>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "read_only",
  EACCES: "permission",
  EPERM: "permission",
  ENOENT: "missing",
  ENOTDIR: "missing",
  EIO: "failed",
};

function diskRecord(error: Error, path: string): ErrorRecord | null {
  const code = "code" in error ? String(error.code) : "";
  const known = diskCodes[code];
  return known === undefined ? null : disk(known, path, code);
}

/**
 * SQLite doesn't say why it can't open a file; the system does, where it refuses to write there.
 */
function accessRecord(path: string): ErrorRecord | null {
  try {
    accessSync(dirname(path), constants.W_OK);
    return null;
  } catch (error) {
    return error instanceof Error ? diskRecord(error, path) : null;
  }
}

function busy(path: string, code: string): ErrorRecord {
  return {
    kind: "Transient",
    code: "catalog.busy",
    message: `expected a turn at the catalog ${path}, but it stayed locked (${code})`,
    hint: "run it again, once other commands on this project are done",
  };
}

/** The error of a catalog that can't be read: what is wrong with it, and how it is made again. */
export function damaged(path: string, what: string): ErrorRecord {
  return {
    kind: "Permanent",
    code: "catalog.damaged",
    message: `expected a catalog of hakiri in ${path}, but it is damaged: ${what}`,
    hint: "make it again with: hakiri doctor --rebuild-catalog",
  };
}

type DiskCode = "full" | "read_only" | "permission" | "missing" | "failed";

const diskWords: Readonly<Record<DiskCode, readonly [expected: string, hint: string]>> = {
  full: ["room on the disk", "make room and run again"],
  read_only: ["a disk that may be written", "make the folder writable and run again"],
  permission: ["the right to use the file", "check who may read and write the folder"],
  missing: ["the folder to be there", "make it and run again"],
  failed: ["the disk to do its work", "check the disk"],
};

function disk(code: DiskCode, path: string, said: string): ErrorRecord {
  const [expected, hint] = diskWords[code];
  const message = `expected ${expected}: ${path} (${said})`;
  return { kind: "Permanent", code: `disk.${code}`, message, hint };
}
