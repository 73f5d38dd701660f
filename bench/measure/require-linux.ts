// The measurements read /proc and getrusage(2) as Linux defines them; elsewhere they would be
// silently wrong (macOS counts ru_maxrss in bytes and has no /proc), so they refuse instead.

/** Throws an Error that names this platform unless it is Linux. */
export function requireLinux(): void {
  if (process.platform === "linux") return;
  throw new Error(
    `bench: expected Linux, came ${process.platform}: process measurement reads /proc; run it in a Linux container`,
  );
}
