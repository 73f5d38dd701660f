/** `hakiri doctor --rebuild-catalog`: the catalog again, of what the store's manifests say. */
import { findProjectFolder } from "../../../config/project-folder.ts";
import { rebuildCatalog, type RebuildReport } from "../../../context/rebuild/rebuild-catalog.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { documentOf } from "./inspect.ts";

/** Rebuilds the catalog of the project's store. */
export async function rebuild(
  engine: Engine,
  { force }: { readonly force: boolean },
  context: CommandContext,
): Promise<Answer> {
  const folder = context.project ?? (await findProjectFolder(context.cwd));
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
