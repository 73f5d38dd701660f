/** A profile as the command line sees it, and where its words go. */
import type { Command } from "./command.ts";

/** Where the command line writes. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** A profile as the command line sees it. */
export interface Program {
  /** `core`, `full` or `coord`. */
  readonly profile: string;
  readonly commands: readonly Command[];
  /** Node's version and the platform, as `--version --json` tells them. */
  readonly runtime: { readonly node: string; readonly platform: string };
}
