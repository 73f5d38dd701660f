/** The clock that begins when the machine is booted, which nobody can set. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { uptime } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * What the boot is called, and the milliseconds since, sleep included; null where this system names
 * no boot.
 */
export async function bootClock(): Promise<{ boot: string; uptimeMs: number } | null> {
  try {
    const boot = (await bootName()).trim();
    return /^[\w-]{1,64}$/u.test(boot) ? { boot, uptimeMs: Math.round(uptime() * 1000) } : null;
  } catch {
    // A container may hide it; it is evidence, and nothing stands or falls with it.
    return null;
  }
}

async function bootName(): Promise<string> {
  if (process.platform === "linux") return readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const { stdout } = await run("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], {
    timeout: 1000,
  });
  return stdout;
}
