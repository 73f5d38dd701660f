/** The mounts of this machine as the system lists them, and which of them holds a path. */

/** One mounted filesystem. */
export interface Mount {
  /** Absolute, without a slash at its end but for the root. */
  readonly point: string;
  /** The system's name of the kind: `ext4`, `nfs4`, `fuse.sshfs`, `apfs`. */
  readonly type: string;
  /** As listed, mount's and filesystem's own: `rw`, `local`, `trans=tcp`. */
  readonly options: readonly string[];
}

/** `36 35 98:0 /in/fs /point rw,noatime [tags] - type source options` (proc_pid_mountinfo(5)). */
const linuxLine = /^\S+ \S+ \S+ \S+ (\S+) (\S+)(?: \S+)*? - (\S+) \S+ (\S*)$/;

/** The mounts in the text of Linux's `/proc/self/mountinfo`, in its order. */
export function linuxMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [, point, mountOptions, type, ownOptions] = linuxLine.exec(line) ?? [];
    if (point === undefined || type === undefined) return [];
    const options = `${mountOptions ?? ""},${ownOptions ?? ""}`.split(",");
    return [{ point: unescaped(point), type, options }];
  });
}

/** Space, tab, line feed and backslash are written in octal. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}

/** `/dev/disk3s5 on /point (apfs, local, journaled)`; a point may hold spaces. */
const macosLine = /^.+? on (\/.*) \(([^,()]+)((?:, [^,()]+)*)\)$/;

/** The mounts in what macOS's `mount` prints, in its order. */
export function macosMounts(printed: string): readonly Mount[] {
  return printed.split("\n").flatMap((line) => {
    const [, point, type, options = ""] = macosLine.exec(line) ?? [];
    if (point === undefined || type === undefined) return [];
    return [{ point, type, options: options.split(", ").slice(1) }];
  });
}

/** The mount that holds an absolute, resolved path; null where the table has none. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const isAbove =
      mount.point === "/" || path === mount.point || path.startsWith(`${mount.point}/`);
    // At one point the last one mounted hides the others.
    if (isAbove && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}
