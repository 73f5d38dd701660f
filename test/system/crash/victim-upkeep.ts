/** Compaction and garbage collection by a victim: of everything, and without any grace. */
import { compactStore } from "../../../src/context/compaction/compact-store.ts";
import { openDuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { collectGarbage } from "../../../src/context/garbage/collect-garbage.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { dieWithinStatements } from "./kill-in-duckdb.ts";
import type { KillSwitch } from "./kill-switch.ts";
import type { PortedStore } from "./ported-store.ts";

/** Snapshots that stay. */
const keep = 4;

/** What compacts every table, then lets go of what is old and removes it. Made once a process. */
export function upkeepOf(store: PortedStore, killSwitch: KillSwitch): () => Promise<void> {
  dieWithinStatements(killSwitch);
  return async () => {
    await killSwitch.during("compact", () => compact(store));
    await killSwitch.during("collect", () => collect(store));
  };
}

async function compact(store: PortedStore): Promise<void> {
  const { catalog, claims, clock, filesystem, pins, random } = store;
  const duckDb = await openDuckDb({
    threads: 1,
    memoryLimit: "256MiB",
    temporaryFolder: filesystem.absolute("tmp-compaction"),
  });
  await compactStore(
    {
      catalog,
      clock,
      pins,
      publisher: createPublisher(filesystem, random),
      takeViewsLock: () => claims.take("views"),
      duckDb: async () => duckDb,
    },
    { tables: null, rules: { kind: "full" }, claim: { kind: "take", claims }, signal },
  );
  duckDb.close();
}

async function collect(store: PortedStore): Promise<void> {
  const { catalog, claims, clock, filesystem, pins, random } = store;
  const spared = { keep, retentionMicros: 0n, graceMicros: 0n, resumeTtlMicros: 3_600_000_000n };
  const publisher = createPublisher(filesystem, random);
  await collectGarbage(
    { catalog, claims, clock, pins, publisher, bootClock: async () => null },
    { ...spared, dryRun: false, force: true, signal },
  );
}

const { signal } = new AbortController();
