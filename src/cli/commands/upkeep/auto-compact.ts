/** The compaction that a one-shot run does after itself, where a table has far too many files. */
import { oneShotSlack } from "../../../context/compaction/rules.ts";
import { parseTableName } from "../../../core/table-name.ts";
import type { CommandContext } from "../../command.ts";
import { bytesText, countedText, countText } from "../../text/figures.ts";
import type { Engine } from "../engine.ts";
import type { OpenProject } from "../project.ts";
import { compactTables } from "./compact.ts";

/** What a run wrote to. */
export interface WrittenTables {
  readonly engine: Engine;
  readonly project: OpenProject;
  /** Names of tables as they are printed. */
  readonly tables: readonly string[];
}

/** Never fails: the run has succeeded, and what isn't compacted now is later. */
export async function autoCompact(
  { engine, project, tables }: WrittenTables,
  { signal, progress }: Pick<CommandContext, "signal" | "progress">,
): Promise<void> {
  const bounds = project.spec.store.compaction;
  if (!bounds.automatic || tables.length === 0) return;
  const rules = { kind: "automatic", bounds, slack: oneShotSlack } as const;
  const names = tables.map((name) => parseTableName(name));
  try {
    const reports = await compactTables({ engine, project, signal }, names, rules);
    for (const { table, outcome } of reports) {
      if (outcome.kind !== "compacted") continue;
      const { before, after } = outcome;
      const files = `${countedText(before.files, "file")} became ${countText(after.files)}`;
      const message = `compacted ${table.name}: ${files}, ${bytesText(after.bytes)}`;
      progress({ type: "note", message });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    progress({ type: "note", message: `the tables were not compacted: ${reason}` });
  }
}
