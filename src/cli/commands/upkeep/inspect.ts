/** The store's part of `hakiri doctor`: what is wrong with it, and what is worth knowing. */
import type { Finding } from "../../../context/inspect/finding.ts";
import { inspectStore } from "../../../context/inspect/inspect-store.ts";
import { HakiriError } from "../../../core/error.ts";
import type { Json } from "../../../core/json.ts";
import type { CommandContext } from "../../command.ts";
import type { CheckReport } from "../../doctor.ts";
import { countText } from "../../text/figures.ts";
import type { Engine } from "../engine.ts";
import { projectFolder } from "../project.ts";

/** Looks over the store of the project, where there is one. */
export async function inspect(
  engine: Engine,
  { deep }: { readonly deep: boolean },
  context: CommandContext,
): Promise<CheckReport> {
  const folder = await projectFolder(context);
  const inspection = await engine.openInspection(folder);
  if (inspection === null) {
    return { detail: "this folder has no store", lines: [], findings: [], error: null };
  }
  try {
    const found = await inspectStore(inspection, { deep, signal: context.signal });
    return reportOf(found, deep);
  } finally {
    await inspection.close();
  }
}

function reportOf(found: readonly Finding[], deep: boolean): CheckReport {
  const errors = found.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const detail = detailOf(found, deep);
  const error =
    first === undefined
      ? null
      : new HakiriError({
          kind: "Permanent",
          code: first.code,
          message: `expected a sound store, but ${first.message}`,
          hint: first.hint,
        });
  return { detail, lines: found.flatMap(linesOf), findings: found.map(documentOf), error };
}

function detailOf(found: readonly Finding[], deep: boolean): string {
  if (found.length === 0) return deep ? "sound, every byte was read" : "sound";
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = found.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${countText(count)} ${severity}${count === 1 ? "" : "s"}`];
  });
  return counts.join(", ");
}

function linesOf({ severity, path, message, hint }: Finding): readonly string[] {
  const where = path === null ? "" : `${path}: `;
  return [`${severity}: ${where}${message}`, ...(hint === "" ? [] : [`  ${hint}`])];
}

/** A finding as documents show it. */
export function documentOf({ severity, code, path, message, hint }: Finding): Json {
  return { severity, code, path, message, hint };
}
