/** Which deaths come in which order, and how many places there are for each. */
import { readFileSync } from "node:fs";
import type { SeededRandom } from "../../platform/seeded-random.ts";
import type { KillKind } from "./kill-switch.ts";

/** Draws so many, all of them before any comes again. */
export function drawDeck<K>(all: readonly K[], count: number, random: SeededRandom): readonly K[] {
  const drawn: K[] = [];
  while (drawn.length < count) {
    const round = [...all];
    while (round.length > 0) drawn.push(...round.splice(random.below(round.length), 1));
  }
  return drawn.slice(0, count);
}

/** How many points of each kind were passed by who counted them in that file. */
export function readCounts(countsPath: string): ReadonlyMap<KillKind, number> {
  const points = readFileSync(countsPath, "utf8").trim().split("\n");
  const counts = new Map<KillKind, number>();
  // Who counts writes nothing else.
  for (const kind of points as KillKind[]) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
