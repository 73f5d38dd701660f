/**
 * A process that holds a claim or a pin until it is killed, or lists pins without a pause. It says
 * `ready` once it does, and ends where it gets no claim; told `child`, it first starts a child of
 * its own and says its id.
 */
import { spawn } from "node:child_process";
import { lockClaims } from "../../src/catalog/claims.ts";
import { lockPins } from "../../src/catalog/pins.ts";

/** A lock that only its object held would go with that object. */
function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("expected to run with --expose-gc");
  globalThis.gc();
}

const [role = "", folder = "", name = ""] = process.argv.slice(2);
const random = { fraction: () => 0.5, bytes: (count: number) => new Uint8Array(count).fill(9) };
// Ends with the process that started this one.
process.stdin.on("end", () => process.exit(0)).resume();

switch (role) {
  case "claim":
    if (lockClaims(folder).take(name) === null) process.exit(1);
    collectGarbage();
    process.stdout.write("ready\n");
    break;
  case "child": {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    if (lockClaims(folder).take(name) === null) process.exit(1);
    process.stdout.write(`${String(child.pid)} ready\n`);
    break;
  }
  case "pin":
    lockPins(folder, random).pin(Number(name));
    collectGarbage();
    process.stdout.write("ready\n");
    break;
  case "list":
    process.stdout.write("ready\n");
    list();
    break;
  default:
    throw new Error(`expected a role, got '${role}'`);
}

/** One listing a turn of the loop, so that the end of the input is seen. */
function list(): void {
  lockPins(folder, random).live();
  setImmediate(list);
}
