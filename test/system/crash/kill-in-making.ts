/** Points within the making of a store, which goes past the filesystem port: SQLite needs paths. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { KillSwitch } from "./kill-switch.ts";

/** From now on the calls that make and sync names are points, in whichever module they are made. */
export function dieWithinMaking(points: KillSwitch): void {
  const pointed =
    <A extends readonly unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      points.at("make");
      return call(...args);
    };
  Object.assign(fs, {
    fsyncSync: pointed(fs.fsyncSync),
    linkSync: pointed(fs.linkSync),
    openSync: pointed(fs.openSync),
    unlinkSync: pointed(fs.unlinkSync),
  });
  syncBuiltinESMExports();
}
