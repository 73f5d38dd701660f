/** The store of a victim: with points in all that its control process does to it. */
import type { CatalogCommand } from "../../../src/core/catalog-command.ts";
import type { CommandAttachments } from "../../../src/core/ports/catalog.ts";
import type { CursorEntry } from "../../../src/core/snapshot.ts";
import { controlKindOf, signalSelf, type KillKind, type KillSwitch } from "./kill-switch.ts";
import { openPortedStore, type PortedStore } from "./ported-store.ts";

/** Opens it; makes it where there is none. */
export async function openVictimStore(
  project: string,
  killSwitch: KillSwitch,
): Promise<PortedStore> {
  return openPortedStore(project, {
    filesystem: (inner) => killSwitch.filesystem(inner, controlKindOf),
    apply: async (command, { attachments, apply }) => {
      const kind = pointOf(command.kind);
      killSwitch.at(kind);
      const answer = await apply(dyingAttachments(attachments, killSwitch));
      killSwitch.at(kind);
      return answer;
    },
  });
}

function pointOf(kind: CatalogCommand["kind"]): KillKind {
  if (kind.startsWith("commit_")) return "commit";
  return kind === "claim_run" || kind === "register_pipeline" ? "claim" : "catalog";
}

/** Apply goes through the cursors once the files' rows are written, and before the head's is. */
function dyingAttachments(
  attachments: CommandAttachments,
  killSwitch: KillSwitch,
): CommandAttachments {
  if (attachments.manifest === undefined) return attachments;
  const plan = killSwitch.passes("commit");
  const { manifest } = attachments;
  if (plan === null) return attachments;
  const within = (): ArrayIterator<CursorEntry> => {
    signalSelf(plan);
    return manifest.cursors.values();
  };
  const cursors = Object.assign([...manifest.cursors], { [Symbol.iterator]: within });
  return { manifest: { ...manifest, cursors } };
}
