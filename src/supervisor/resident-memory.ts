/** How much memory a process holds, as its kernel counts it. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/** Reads the resident set of a process in bytes; null where there is no such process. */
export type RssProbe = (pid: number) => Promise<number | null>;

/** The probe of this platform: `/proc` on Linux, `ps` elsewhere. Throws where neither answers. */
export const residentBytes: RssProbe = (pid) =>
  process.platform === "linux" ? fromProc(pid) : fromPs(pid);

/** `VmRSS` rather than `statm`, which counts in pages of a size that differs by machine. */
async function fromProc(pid: number): Promise<number | null> {
  let status: string;
  try {
    status = await readFile(`/proc/${pid}/status`, "utf8");
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  // A zombie has no memory, and so no such line.
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

function isGone(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  return error.code === "ENOENT" || error.code === "ESRCH";
}

/** The resident set of a process by `ps`, of POSIX: kibibytes, and exit code 1 for no process. */
export function fromPs(pid: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    execFile("ps", ["-o", "rss=", "-p", String(pid)], { timeout: 5000 }, (error, stdout) => {
      const kibibytes = Number(stdout.trim());
      if (error === null) resolve(kibibytes > 0 ? kibibytes * 1024 : null);
      else if (error.code === 1 && stdout.trim() === "") resolve(null);
      else reject(new Error(`ps can't tell the memory of process ${pid}`, { cause: error }));
    });
  });
}
