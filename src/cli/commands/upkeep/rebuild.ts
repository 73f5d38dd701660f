/** `hakiri doctor --rebuild-catalog`: the catalog again, of what the store's manifests say. */
import { rebuildCatalog, type RebuildReport } from "../../../context/rebuild/rebuild-catalog.ts";
import { usageError } from "../../../core/error.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { projectFolder } from "../project.ts";
import { documentOf } from "./inspect.ts";

/** What was typed. */
export interface RebuildInput {
  /** Whether what comes after a missing snapshot is given up. */
  readonly force: boolean;
  /** Whether a sound catalog is replaced, too. */
  readonly yes: boolean;
}

/** Rebuilds the catalog of the project's store. */
export async function rebuild(
  engine: Engine,
  { force, yes }: RebuildInput,
  context: CommandContext,
): Promise<Answer> {
  const folder = await projectFolder(context);
  if (!yes) await expectDamage(engine, folder);
  const rebuilding = await engine.openRebuild(folder);
  const report = await rebuildCatalog(rebuilding, { force, signal: context.signal });
  return {
    text: textOf(report),
    document: {
      store_id: report.storeId,
      incarnation: report.incarnation,
      snapshot_id: report.sequence,
      snapshots: report.snapshots,
      kept_as: report.keptAs,
      findings: report.findings.map(documentOf),
    },
    exitCode: exitDone,
  };
}

/** A sound catalog knows more than files do. Throws `usage.sound_catalog`. */
async function expectDamage(engine: Engine, folder: string): Promise<void> {
  const inspection = await engine.openInspection(folder);
  if (inspection === null) return;
  try {
    const { catalog } = inspection;
    if (catalog.kind === "failed" || (await catalog.faults()).length > 0) return;
  } finally {
    await inspection.close();
  }
  throw usageError(
    "sound_catalog",
    "expected a lost or damaged catalog, got a sound one, which a rebuild replaces by one without " +
      "reports, attempts and traces of the runs so far",
    "leave it as it is, or say so: hakiri doctor --rebuild-catalog --yes",
  );
}

function textOf({ sequence, snapshots, keptAs, findings }: RebuildReport): string {
  const kept = keptAs === null ? "there was none before" : `the old one is kept as ${keptAs}`;
  const lines = [
    `made the catalog again up to snapshot ${sequence}; ${kept}`,
    `${countText(snapshots.length)} of the snapshots can be read`,
    ...findings.map(({ severity, path, message }) =>
      visibleText(`${severity}: ${path === null ? "" : `${path}: `}${message}`),
    ),
    "each pipeline goes on from its last commit that is known",
  ];
  return lines.map((line) => `${line}\n`).join("");
}
