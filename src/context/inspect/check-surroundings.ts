/** What lies around the data: views, leftovers, pins, replaced catalogs, and the clock. */
import type { Catalog } from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { garbageDefaults } from "../garbage/options.ts";
import { Tally } from "../garbage/report.ts";
import { sweepRuns } from "../garbage/sweep-runs.ts";
import { sweepTemporary } from "../garbage/sweep-temporary.ts";
import { viewsPath } from "../layout.ts";
import { parseViews } from "../views/views-sql.ts";
import type { Finding } from "./finding.ts";
import type { InspectContext, InspectOptions } from "./inspect-context.ts";

/** Most bytes of `views.sql` that are looked at: its first line says what it shows. */
const viewsBytesMax = 512 * 1024 * 1024;

/** Findings about `views.sql`. */
export async function checkViews(
  catalog: Catalog,
  filesystem: Filesystem,
): Promise<readonly Finding[]> {
  const { sequence } = await catalog.head();
  const shown = await shownSequence(filesystem);
  if (sequence === 0 || shown === sequence) return [];
  return [
    {
      severity: "warning",
      code: "views.behind",
      path: viewsPath,
      message:
        `expected the views of snapshot ${sequence}, ` +
        (shown === null ? "got none that can be read" : `got those of snapshot ${shown}`),
      hint: "the next run or query writes them anew; 'hakiri query' doesn't read them",
    },
  ];
}

async function shownSequence(filesystem: Filesystem): Promise<number | null> {
  if ((await filesystem.stat(viewsPath)) === null) return null;
  const bytes = await filesystem.read(viewsPath, viewsBytesMax);
  return parseViews(new TextDecoder().decode(bytes))?.sequence ?? null;
}

/** A note on what a collection would remove of runs' folders and of `temp/`. */
export async function checkLeftovers(
  catalog: Catalog,
  { publisher, claims, pins, clock }: InspectContext,
  { signal }: InspectOptions,
): Promise<readonly Finding[]> {
  const tally = new Tally();
  const options = { ...garbageDefaults, dryRun: true, force: true, signal };
  const context = { catalog, publisher, claims, pins, clock, bootClock: async () => null };
  const sweep = { options, nowMicros: clock.nowMicros(), tally };
  await sweepRuns(context, sweep);
  await sweepTemporary(context, sweep);
  const [leftovers, records] = [tally.of("leftovers"), tally.of("records")];
  const count = leftovers.count + records.count;
  if (count === 0) return [];
  return [
    {
      severity: "note",
      code: "store.leftovers",
      path: "runs",
      message: `${count} files of ${leftovers.bytes + records.bytes} bytes are needed by nothing`,
      hint: "remove them with: hakiri gc",
    },
  ];
}

/** Findings about pins of readers that are gone, which are removed, or that hold old snapshots. */
export async function checkPins(
  catalog: Catalog,
  { publisher, pins }: InspectContext,
): Promise<readonly Finding[]> {
  const { filesystem } = publisher;
  const before = await filesystem.list("pins");
  const live = pins.live();
  const after = await filesystem.list("pins");
  const findings: Finding[] = [];
  if (after.length < before.length) {
    findings.push({
      severity: "note",
      code: "store.stale_pins",
      path: "pins",
      message: `${before.length - after.length} pins of readers that are gone were removed`,
      hint: "",
    });
  }
  for (const sequence of live) {
    if ((await catalog.snapshotAt({ sequence })) !== null) continue;
    findings.push({
      severity: "warning",
      code: "store.pinned_expired",
      path: "pins",
      message: `a reader holds snapshot ${sequence}, which is expired, so gc removes no files`,
      hint: "end the reader, if it hangs",
    });
  }
  return findings;
}

/** Commits that follow each other faster than the clock ticks are a little ahead of it. */
const clockSlackMicros = 1_000_000n;

/** Findings about this machine's clock against the times of the store. */
export async function checkClock(
  catalog: Catalog,
  { clock }: InspectContext,
): Promise<readonly Finding[]> {
  const { at, sequence } = await catalog.head();
  const aheadMicros = BigInt(at) - clock.nowMicros();
  if (sequence === 0 || aheadMicros <= clockSlackMicros) return [];
  return [
    {
      severity: "warning",
      code: "store.clock_behind",
      path: null,
      message: `the newest snapshot is ${aheadMicros / 1_000_000n} seconds ahead of the clock`,
      hint: "set this machine's clock; 'query --at' tells snapshots by time",
    },
  ];
}

const replacedPattern = /^catalog\.sqlite\.damaged-\d+$/u;

/** Notes on catalogs that a rebuild replaced and kept. */
export async function checkReplaced(filesystem: Filesystem): Promise<readonly Finding[]> {
  const names = await filesystem.list("");
  return names
    .filter((name) => replacedPattern.test(name))
    .map((path) => ({
      severity: "note",
      code: "catalog.replaced",
      path,
      message: "a catalog that a rebuild replaced is still here",
      hint: "remove it once nothing of it is missed",
    }));
}
