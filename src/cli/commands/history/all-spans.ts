/** The spans of a run, gathered over the catalog's pages. */
import type { SpanRecord } from "../../../core/catalog-command.ts";
import type { Catalog } from "../../../core/ports/catalog.ts";

/** Every span of a run, in the order in which they ended. */
export async function allSpans(
  catalog: Pick<Catalog, "spans">,
  runId: string,
): Promise<readonly SpanRecord[]> {
  const spans: SpanRecord[] = [];
  for (;;) {
    const page = await catalog.spans(runId, spans.length);
    if (page.length === 0) return spans;
    spans.push(...page);
  }
}
