/** `hakiri gc`: lets go of old snapshots, and removes files that nothing needs any more. */
import { collectGarbage } from "../../../context/garbage/collect-garbage.ts";
import type { Counted, GarbageReport, KeptReason } from "../../../context/garbage/report.ts";
import { createPublisher } from "../../../context/publish.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { bytesText, countedText } from "../../text/figures.ts";
import type { Engine } from "../engine.ts";
import { withProject } from "../project.ts";

/** What was typed. */
export interface CollectInput {
  readonly dryRun: boolean;
  readonly force: boolean;
}

const dayMicros = 86_400_000_000n;

/** Collects garbage by the rules of the project. */
export async function collect(
  engine: Engine,
  { dryRun, force }: CollectInput,
  context: CommandContext,
): Promise<Answer> {
  return withProject(engine, context, async ({ store, spec }) => {
    const { retention, gcGraceMs, resumeTtlMs } = spec.store;
    const { catalog, claims, pins, clock, filesystem, random, bootClock } = store;
    const publisher = createPublisher(filesystem, random);
    const report = await collectGarbage(
      { catalog, claims, pins, publisher, clock, bootClock },
      {
        retentionMicros: BigInt(retention.days) * dayMicros,
        keep: retention.snapshots,
        graceMicros: BigInt(gcGraceMs) * 1000n,
        resumeTtlMicros: BigInt(resumeTtlMs) * 1000n,
        dryRun,
        force,
        signal: context.signal,
      },
    );
    const { expired, files, leftovers, records, kept } = report;
    return {
      text: textOf(report),
      document: {
        dry_run: dryRun,
        expired_snapshots: expired,
        files: { ...files },
        leftovers: { ...leftovers },
        records: { ...records },
        kept: kept.map(({ why, count, bytes }) => ({ why, count, bytes })),
      },
      exitCode: exitDone,
    };
  });
}

const keptWords: Readonly<Record<KeptReason, string>> = {
  within_grace: "of no snapshot, but within the grace",
  pinned_expired: "of no snapshot, while a reader holds an expired one",
  pipeline_claimed: "of pipelines that another process writes",
  resumable: "of runs that may be gone on from",
  ended_recently: "of runs that ended a short time ago",
  unknown_run: "of runs that the catalog doesn't know",
  in_use: "of runs and queries that may be under way",
  foreign: "that hakiri wouldn't name so",
  other_history: "of a history that this one doesn't go on from",
  history_broken: "of expired snapshots, since the history has a gap",
};

function textOf({ dryRun, expired, files, leftovers, records, kept }: GarbageReport): string {
  const does = dryRun ? "would remove" : "removed";
  const lines = [
    `${dryRun ? "would let go of" : "let go of"} ${countedText(expired.length, "snapshot")}`,
    `${does} ${sumText(files)} that no snapshot held`,
    `${does} ${sumText(leftovers)} that runs and queries left behind`,
    `${does} ${sumText(records)} of records that nothing needs`,
    ...kept.map((sum) => `kept ${sumText(sum)} ${keptWords[sum.why]}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function sumText({ count, bytes }: Counted): string {
  return `${countedText(count, "file")} of ${bytesText(bytes)}`;
}
