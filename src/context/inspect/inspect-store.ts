/**
 * Looks a store over for `hakiri doctor`: one check after the other, each of which goes on where
 * another found damage. It reads, and removes nothing but pins of dead readers.
 */
import { HakiriError } from "../../core/error.ts";
import type { Catalog } from "../../core/ports/catalog.ts";
import { checkFiles } from "./check-files.ts";
import { checkHistory, checkJournals } from "./check-records.ts";
import {
  checkClock,
  checkLeftovers,
  checkPins,
  checkReplaced,
  checkViews,
} from "./check-surroundings.ts";
import { sortedFindings, type Finding } from "./finding.ts";
import type { InspectContext, InspectedCatalog, InspectOptions } from "./inspect-context.ts";

/** Everything that is noticed, errors first. Throws only what is a defect, or the signal's. */
export async function inspectStore(
  context: InspectContext,
  options: InspectOptions,
): Promise<readonly Finding[]> {
  const { filesystem } = context.publisher;
  const catalog = context.catalog.kind === "open" ? context.catalog.catalog : null;
  const findings: Finding[] = [];
  const check = async (look: () => Promise<readonly Finding[]>): Promise<void> => {
    options.signal.throwIfAborted();
    findings.push(...(await look().catch((error: unknown) => [failedCheck(error)])));
  };
  await check(() => checkCatalog(context.catalog));
  for (const look of catalog === null ? [] : catalogChecks(catalog, context, options)) {
    await check(look);
  }
  await check(() => checkHistory({ catalog, filesystem }, options));
  await check(() => checkJournals({ catalog, filesystem }, options));
  await check(() => checkReplaced(filesystem));
  return sortedFindings(findings);
}

function catalogChecks(catalog: Catalog, context: InspectContext, options: InspectOptions) {
  const { filesystem } = context.publisher;
  return [
    () => checkFiles({ catalog, filesystem }, options),
    () => checkViews(catalog, filesystem),
    () => checkPins(catalog, context),
    () => checkLeftovers(catalog, context, options),
    () => checkClock(catalog, context),
  ];
}

async function checkCatalog(inspected: InspectedCatalog): Promise<readonly Finding[]> {
  if (inspected.kind === "failed") return [failedCheck(inspected.error)];
  const faults = await inspected.faults();
  return faults.map((message) => ({
    severity: "error",
    code: "catalog.damaged",
    path: "catalog.sqlite",
    message: `expected a sound catalog, but SQLite finds: ${message}`,
    hint: "make it again with: hakiri doctor --rebuild-catalog",
  }));
}

/** What a check can't look at is a finding like any other. */
function failedCheck(error: unknown): Finding {
  if (!(error instanceof HakiriError)) throw error;
  const { code, message, hint, where } = error;
  return { severity: "error", code, path: where.file ?? null, message, hint };
}
