/** A thread in one native call for about 20 s, which terminate() and exit() wait for. */
import { pbkdf2Sync } from "node:crypto";
import { parentPort } from "node:worker_threads";

parentPort?.postMessage("stuck from now on");
pbkdf2Sync("", "", 50_000_000, 64, "sha512");
