/**
 * What tells a clock that was set forward from a store that nobody used: the time since the machine
 * was booted, which no one can set, beside what the wall clock said then. `clock.json` keeps both.
 *
 *   J1. A witness of this boot is believed: the wall clock must have gone as far as the boot clock.
 *   J2. Without one (another boot, another machine, a lost file) a machine that was off and a clock
 *       that was set look the same, and the clock is believed up to a year.
 */
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Random } from "../../core/ports/random.ts";
import { temporaryPath } from "../layout.ts";

/** A moment of the clock that begins when a machine is booted. */
export interface BootMoment {
  /** Another one after each boot. */
  readonly boot: string;
  /** Since the boot, sleep included. */
  readonly uptimeMs: number;
}

/** Reads it; null where the system has none. */
export type BootClock = () => Promise<BootMoment | null>;

/** A moment of both clocks. */
export interface ClockWitness extends BootMoment {
  /** The wall clock, microseconds. */
  readonly atMicros: bigint;
}

/** Where it is kept, relative to the store. Its loss harms nothing. */
export const witnessPath = "clock.json";

const witnessBytesMax = 4096;

/** Keeps what both clocks say, in place of what they said before. */
export async function writeWitness(
  filesystem: Filesystem,
  random: Random,
  { boot, uptimeMs, atMicros }: ClockWitness,
): Promise<void> {
  const temporary = temporaryPath(witnessPath, random);
  const text = JSON.stringify({ format: 1, boot, uptime_ms: uptimeMs, at: String(atMicros) });
  const file = await filesystem.create(temporary);
  try {
    await file.write(new TextEncoder().encode(`${text}\n`));
  } finally {
    await file.close();
  }
  await filesystem.rename(temporary, witnessPath);
}

/** The last one; null where there is none that can be read. */
export async function readWitness(filesystem: Filesystem): Promise<ClockWitness | null> {
  if ((await filesystem.stat(witnessPath)) === null) return null;
  const bytes = await filesystem.read(witnessPath, witnessBytesMax);
  const found = /^\{"format":1,"boot":"([^"]+)","uptime_ms":(\d+),"at":"(\d+)"\}\n$/u.exec(
    new TextDecoder().decode(bytes),
  );
  if (found === null) return null;
  const [, boot = "", uptimeMs, at = ""] = found;
  return { boot, uptimeMs: Number(uptimeMs), atMicros: BigInt(at) };
}

/** How far the two clocks may part: what a machine's clock is corrected by, and no time limit. */
export const driftMaxMicros = 600_000_000n;

/** A store that was idle for longer needs a person's word where nothing else tells (J2). */
const idleMaxMicros = 366n * 86_400_000_000n;

/** What the clocks say. */
export interface ClockReading {
  /** The wall clock now, microseconds. */
  readonly nowMicros: bigint;
  /** When the newest snapshot counts as taken. */
  readonly committedMicros: bigint;
  readonly moment: BootMoment | null;
  readonly witness: ClockWitness | null;
}

/** How far the wall clock was set forward, or seems to be; null where it can be believed. */
export function clockJump(reading: ClockReading): bigint | null {
  const { nowMicros, committedMicros, moment, witness } = reading;
  const passed = nowMicros - committedMicros;
  if (passed <= driftMaxMicros) return null;
  if (moment === null || witness === null || moment.boot !== witness.boot) {
    return passed > idleMaxMicros ? passed : null; // J2
  }
  const bootMicros = BigInt(Math.round((moment.uptimeMs - witness.uptimeMs) * 1000));
  const jump = nowMicros - witness.atMicros - bootMicros;
  return jump > driftMaxMicros ? jump : null; // J1
}
