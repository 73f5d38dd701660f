/** What a release carries: files that the bundle must not hold, libraries that it links. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Metafile } from "esbuild";
import { carried, filesBelow } from "../../scripts/build/inventory.ts";
import type { Profile } from "../../scripts/build/profiles.ts";
import { glibcMinor } from "./budgets.ts";
import type { FootprintFigure } from "./figure.ts";

/** What every glibc system with a C++ runtime has; the release brings all else. */
const systemLibraries: ReadonlySet<string> = new Set([
  "linux-vdso.so.1",
  "ld-linux-x86-64.so.2",
  "ld-linux-aarch64.so.1",
  "libc.so.6",
  "libm.so.6",
  "libdl.so.2",
  "libpthread.so.0",
  "librt.so.1",
  "libstdc++.so.6",
  "libgcc_s.so.1",
  "libatomic.so.1",
]);

/** Fewer inputs than this are no bundle of hakiri: the check would have looked at nothing. */
const inputsMin = 15;

/** How many inputs the bundle has that the profile must not carry; the budget is none. */
export function forbiddenInputs(profile: Profile, metafile: Metafile): FootprintFigure {
  const inputs = Object.keys(metafile.inputs).length;
  if (inputs < inputsMin) throw new Error(`expected ${inputsMin} inputs or more, got ${inputs}`);
  const found = carried(metafile, profile.forbidden);
  return {
    profile: profile.name,
    name: "forbidden inputs",
    value: found.length,
    unit: "count",
    budget: 0,
    detail: found.slice(0, 3).join(", "),
  };
}

/** How many libraries the release links that it neither brings nor may expect. */
export function foreignLibraries(profile: string, folder: string): FootprintFigure {
  const binaries = nativeBinaries(folder);
  if (binaries.length === 0) throw new Error(`expected native files in ${folder}, found none`);
  const linked = new Set(binaries.flatMap((file) => linkedLibraries(file, folder)));
  if (!linked.has("libc.so.6")) {
    throw new Error("expected ldd to find libc.so.6, as every Node links it; is ldd installed?");
  }
  const foreign = [...linked].filter((name) => !systemLibraries.has(name));
  return {
    profile,
    name: "foreign libraries",
    value: foreign.length,
    unit: "count",
    budget: 0,
    detail: foreign.length > 0 ? foreign.join(", ") : [...linked].toSorted().join(" "),
  };
}

/**
 * The newest symbol version of glibc that the release asks for, as the 34 of GLIBC_2.34. It decides
 * which systems can start it at all.
 */
export function glibcNeeded(profile: string, folder: string): FootprintFigure {
  const needed = nativeBinaries(folder).map((file) => {
    // Version names stand as text in a binary's dynamic string table (ELF gABI, symbol versioning).
    const names = readFileSync(file, "latin1").matchAll(/\0GLIBC_2\.(\d+)(?:\.\d+)?(?=\0)/g);
    const versions = Array.from(names, ([, minor]) => Number(minor));
    return { name: basename(file), minor: Math.max(0, ...versions) };
  });
  const newest = needed.toSorted((a, b) => b.minor - a.minor)[0];
  return {
    profile,
    name: "glibc needed, 2.x",
    value: newest?.minor ?? 0,
    unit: "count",
    budget: glibcMinor,
    detail: newest?.name ?? "",
  };
}

/** Bytes of all files below the folder. */
export function installedBytes(folder: string): number {
  return filesBelow(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function nativeBinaries(folder: string): readonly string[] {
  return filesBelow(folder)
    .map((name) => join(folder, name))
    .filter(isElf);
}

function isElf(file: string): boolean {
  const head = Buffer.alloc(elf.length);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
  return head.equals(elf);
}

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/** Names by `ldd`, without those that it found inside the release; a missing one is foreign. */
function linkedLibraries(file: string, folder: string): readonly string[] {
  const lines = lddLines(file);
  return lines.flatMap((line) => {
    if (/statically linked|not a dynamic/.test(line)) return [];
    // `name => path (address)`, `name => not found` or `path (address)`; a path may hold spaces.
    const [, name = "", path = ""] =
      /^\s*(.+?)(?: => (.+?))?(?: \(0x[0-9a-f]+\))?$/.exec(line) ?? [];
    return path.startsWith(folder) ? [] : [basename(name)];
  });
}

function lddLines(file: string): readonly string[] {
  const { stdout, stderr, status, error } = spawnSync("ldd", [file], { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error("expected 'ldd' to tell the linked libraries; Debian's package is libc-bin", {
      cause: error,
    });
  }
  // Of a static binary ldd says so, and exits with 1.
  if (status !== 0 && !/not a dynamic executable/.test(stdout + stderr)) {
    throw new Error(`expected ldd to read ${file}: ${stderr}`);
  }
  return status === 0 ? stdout.split("\n").filter((line) => line.trim() !== "") : [];
}
