// What the harness gives a lane, and what a lane gives back.

import type { Figure } from "./figure.ts";

/** Options of one run of a lane. */
export type LaneOptions = {
  /** Rounds to count, at least `ROUNDS_MIN`; null leaves it to the lane. */
  readonly rounds: number | null;
  /** Seed of the order within rounds. */
  readonly seed: number;
  /** Also report wall times, which hold for this machine only, and judge their goals. */
  readonly isAbsolute: boolean;
  /** Folders of packed builds to measure instead of those found in dist/. */
  readonly packed: readonly string[];
  /** The project's folder: the one that holds bin/ and bench/. */
  readonly projectDir: string;
  /** Says to a person what is going on. */
  readonly progress: (text: string) => void;
};

/** A module in bench/lanes. */
export type Lane = {
  /** Measures, and returns its figures. Throws Error when what it measures doesn't work. */
  readonly runLane: (options: LaneOptions) => Promise<readonly Figure[]>;
};

/** Fewer rounds than this make no median worth the name. */
export const ROUNDS_MIN = 5;
