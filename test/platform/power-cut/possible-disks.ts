/**
 * The disks that a power cut may leave of a volume: some pending writes lost or torn, some pending
 * changes of names lost, as the volume's V1 to V4 allow.
 */
import { seededRandom, type SeededRandom } from "../seeded-random.ts";
import { diskOf, type Disk, type DiskFile, type DiskFolder, type DiskNode } from "./disk.ts";
import {
  assign,
  contentOf,
  type NameChange,
  type Volume,
  type VolumeFile,
  type VolumeFolder,
  type VolumeNode,
  type Write,
} from "./volume.ts";

/** How many disks are drawn. */
export interface Draw {
  readonly seed: number;
  /** At most so many different disks; fewer where there are no more or chance finds none. */
  readonly disksMax: number;
}

/** What a disk sector is at least: a torn write has whole ones of zeros. */
const sectorBytes = 512;

/** Draws that repeat a disk are dropped; past so many for each disk wanted, drawing ends. */
const drawsPerDiskMax = 8;

/** How many lost or torn things a label names. */
const namedMax = 6;

/** A pending write and what becomes of it: itself, a torn part of it, or null when it is lost. */
type Fates = ReadonlyMap<Write, Write | null>;

interface Outcome {
  readonly kept: ReadonlySet<NameChange>;
  readonly fates: Fates;
}

/**
 * Different disks that a cut may leave now. First the one that lost nothing, then the one that lost
 * all that was pending, then all names without the writes, then all writes without the names; then,
 * in the order of the seed, those that differ in one change or write, and random ones.
 */
export function* possibleDisks(volume: Volume, draw: Draw): Generator<Disk, void, void> {
  const random = seededRandom(draw.seed);
  const seen = new Set<string>();
  const contents = new Map<Write, Uint8Array>();
  let draws = 0;
  for (const outcome of outcomes(volume, random)) {
    if (seen.size >= draw.disksMax || draws >= draw.disksMax * drawsPerDiskMax) return;
    draws += 1;
    const disk = diskFrom(volume, outcome, contents);
    if (seen.has(disk.digest)) continue;
    seen.add(disk.digest);
    yield disk;
  }
}

function* outcomes(volume: Volume, random: SeededRandom): Generator<Outcome, void, void> {
  const changes = [...volume.pending];
  const writes = pendingWrites(volume);
  const [all, none] = [new Set(changes), new Set<NameChange>()];
  const [safe, lost] = [fatesOf(writes, (write) => write), fatesOf(writes, () => null)];
  yield { kept: all, fates: safe };
  yield { kept: none, fates: lost };
  yield { kept: all, fates: lost };
  yield { kept: none, fates: safe };
  const deviations = shuffled(
    [
      ...changes.map((change) => () => ({
        kept: keptWhere(volume, (other) => other !== change),
        fates: safe,
      })),
      ...changes.map((change) => () => ({ kept: volume.withNeeds([change]), fates: lost })),
      ...writes.map((write) => () => ({ kept: all, fates: new Map([...safe, [write, null]]) })),
      ...writes.map((write) => () => ({
        kept: all,
        fates: new Map([...safe, [write, torn(write, random)]]),
      })),
    ],
    random,
  );
  for (;;) {
    const deviation = deviations.pop();
    if (deviation !== undefined) yield deviation();
    yield randomOutcome(volume, writes, random);
  }
}

function pendingWrites(volume: Volume): readonly Write[] {
  return [...volume.files.values()].flatMap(({ writes, synced }) => writes.slice(synced));
}

function fatesOf(writes: readonly Write[], fate: (write: Write) => Write | null): Fates {
  return new Map(writes.map((write) => [write, fate(write)]));
}

/** The pending changes that pass, without those that need one that doesn't. */
function keptWhere(volume: Volume, passes: (change: NameChange) => boolean): Set<NameChange> {
  const kept = new Set<NameChange>();
  for (const change of volume.pending) {
    const isPossible = change.needs.every((need) => kept.has(need) || !volume.pending.has(need));
    if (isPossible && passes(change)) kept.add(change);
  }
  return kept;
}

/** With odds of its own for each disk: at even odds alone, losing one of twenty hardly happens. */
function randomOutcome(volume: Volume, writes: readonly Write[], random: SeededRandom): Outcome {
  const odds = (): number => [0.1, 0.5, 0.9][random.below(3)] ?? 0.5;
  const [nameOdds, writeOdds, tornOdds] = [odds(), odds(), odds()];
  return {
    kept: keptWhere(volume, () => random.chance(nameOdds)),
    fates: fatesOf(writes, (write) => {
      if (random.chance(writeOdds)) return write;
      return random.chance(tornOdds) ? torn(write, random) : null;
    }),
  };
}

/** The beginning of a write, or the write with some sectors of zeros. */
function torn(write: Write, random: SeededRandom): Write {
  const { offset, bytes } = write;
  if (bytes.byteLength === 0) return write;
  if (random.chance(0.5)) {
    return { ...write, bytes: bytes.slice(0, random.below(bytes.byteLength)) };
  }
  const copy = bytes.slice();
  const first = Math.floor(offset / sectorBytes);
  const last = Math.floor((offset + bytes.byteLength - 1) / sectorBytes);
  const certain = first + random.below(last - first + 1);
  for (let sector = first; sector <= last; sector += 1) {
    if (sector !== certain && random.chance(0.5)) continue;
    const start = Math.max(0, sector * sectorBytes - offset);
    copy.fill(0, start, (sector + 1) * sectorBytes - offset);
  }
  return { ...write, bytes: copy };
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const keyed = items.map((item) => ({ item, key: random.fraction() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
}

/** `contents` remembers by its last write the content of a file without pending ones. */
function diskFrom(volume: Volume, outcome: Outcome, contents: Map<Write, Uint8Array>): Disk {
  const names = new Map<VolumeFolder, Map<string, VolumeNode>>();
  const namesOf = (folder: VolumeFolder): Map<string, VolumeNode> => {
    const known = names.get(folder) ?? new Map(folder.durableNames);
    names.set(folder, known);
    return known;
  };
  for (const change of volume.pending) {
    if (!outcome.kept.has(change)) continue;
    for (const { folder, name, node } of change.assignments) assign(namesOf(folder), name, node);
  }
  const made = new Map<VolumeFile, DiskFile>();
  const fileOf = (file: VolumeFile): DiskFile => {
    const known = made.get(file) ?? {
      kind: "file",
      bytes: survivor(file, outcome.fates, contents),
    };
    made.set(file, known);
    return known;
  };
  const folderOf = (folder: VolumeFolder): DiskFolder => {
    const entries = [...namesOf(folder)].map(([name, node]): [string, DiskNode] => [
      name,
      node.kind === "file" ? fileOf(node) : folderOf(node),
    ]);
    return { kind: "folder", names: new Map(entries) };
  };
  return diskOf(labelOf(volume, outcome), folderOf(volume.root));
}

function survivor(file: VolumeFile, fates: Fates, contents: Map<Write, Uint8Array>): Uint8Array {
  const last = file.writes.at(-1);
  if (last === undefined || file.synced < file.writes.length) {
    return contentOf(
      file.writes.flatMap((write, index) =>
        index < file.synced ? write : (fates.get(write) ?? []),
      ),
    );
  }
  const content = contents.get(last) ?? contentOf(file.writes);
  contents.set(last, content);
  return content;
}

function labelOf(volume: Volume, { kept, fates }: Outcome): string {
  const names = [...volume.pending].filter((change) => !kept.has(change)).map(({ label }) => label);
  const writes = [...volume.files.values()].flatMap((file) =>
    file.writes.slice(file.synced).flatMap((write) => {
      const fate = fates.get(write);
      if (fate === write) return [];
      const what = fate === null ? "lost" : "torn";
      return [`${what} ${write.bytes.byteLength} bytes at ${write.offset} of file ${file.number}`];
    }),
  );
  const lost = names.map((label) => `lost ${label}`);
  return listed([...lost, ...writes]);
}

function listed(parts: readonly string[]): string {
  if (parts.length === 0) return "nothing lost";
  const rest = parts.length - namedMax;
  return [...parts.slice(0, namedMax), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
}
