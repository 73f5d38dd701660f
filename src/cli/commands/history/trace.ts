/** `hakiri trace`: the spans of a run as a tree, each with its time. */
import type { SpanRecord } from "../../../core/catalog-command.ts";
import { usageError } from "../../../core/error.ts";
import type { Catalog, RunRecord } from "../../../core/ports/catalog.ts";
import { canonicalJson, type Json } from "../../../core/json.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { readProject } from "../project.ts";
import { allSpans } from "./all-spans.ts";
import { millisecondsBetween, momentDocument, momentText, spanText } from "./moments.ts";

/** Spans below one parent that a text shows; a document has all. */
export const childrenShownMax = 100;

/** Spans within each other; deeper ones are shown at this depth. */
const depthMax = 16;

/** Runs among which the beginning of an id is looked for. */
const recentRunsMax = 500;

/** Tells the spans of the run whose id this is, or begins with. */
export async function trace(
  engine: Engine,
  runId: string,
  context: CommandContext,
): Promise<Answer> {
  return readProject(engine, context, async ({ store }) => {
    const run = await findRun(store.catalog, runId);
    const pipeline = await store.catalog.pipeline({ id: run.pipelineId });
    const spans = await allSpans(store.catalog, run.runId);
    const name = pipeline?.spec.name ?? null;
    return {
      text: textOf(run, name, spans),
      document: {
        run_id: run.runId,
        pipeline: name,
        status: run.state.kind,
        spans: spans.map(spanDocument),
      },
      exitCode: exitDone,
    };
  });
}

async function findRun(catalog: Catalog, typed: string): Promise<RunRecord> {
  const exact = await catalog.run(typed);
  if (exact !== null) return exact;
  const filter = { pipelineId: null, beforeRunId: null, limit: recentRunsMax };
  const recent = await catalog.runs(filter);
  const isBeginning = (runId: string): boolean => typed !== "" && runId.startsWith(typed);
  const [found, ...others] = recent.filter(({ runId }) => isBeginning(runId));
  if (found !== undefined && others.length === 0) return found;
  throw usageError(
    "unknown_run",
    found === undefined
      ? `expected the id of a run or its beginning, got '${typed}'`
      : `expected the beginning of one run's id, got '${typed}', which ${others.length + 1} have`,
    found === undefined ? "see the runs there are: hakiri runs" : "type more of the id",
  );
}

function spanDocument(span: SpanRecord): Json {
  return {
    span_id: span.spanId,
    parent_id: span.parentId,
    name: span.name,
    started_at: momentDocument(span.startedAt),
    duration_ms: millisecondsBetween(span.startedAt, span.endedAt),
    ok: span.ok,
    attributes: span.attributes,
  };
}

function textOf(run: RunRecord, pipeline: string | null, spans: readonly SpanRecord[]): string {
  const what = `${pipeline ?? "?"}, ${run.state.kind}, started ${momentText(run.startedAt)} UTC`;
  const head = `run ${run.runId}: ${visibleText(what)}`;
  if (spans.length === 0) return `${head}\nno spans were kept of it\n`;
  const known = new Set(spans.map(({ spanId }) => spanId));
  const isRoot = ({ parentId }: SpanRecord): boolean => parentId === null || !known.has(parentId);
  const children = Map.groupBy(
    spans.filter((span) => !isRoot(span)),
    ({ parentId }) => parentId,
  );
  const lines = branch(spans.filter(isRoot), { children, indent: "", depth: 0 });
  const width = Math.max(...lines.map(({ label }) => label.length));
  return [
    head,
    ...lines.map(({ label, time, more }) =>
      `${label.padEnd(width)}  ${time.padStart(10)}  ${more}`.trimEnd(),
    ),
    "",
  ].join("\n");
}

interface Line {
  readonly label: string;
  readonly time: string;
  readonly more: string;
}

interface Branch {
  readonly children: ReadonlyMap<string | null, readonly SpanRecord[]>;
  readonly indent: string;
  readonly depth: number;
}

function branch(spans: readonly SpanRecord[], at: Branch): readonly Line[] {
  const sorted = spans.toSorted((a, b) => Number(BigInt(a.startedAt) - BigInt(b.startedAt)));
  const shown = sorted.slice(0, childrenShownMax);
  const hidden = sorted.length - shown.length;
  const lines = shown.flatMap((span, index) => {
    const isLast = index === shown.length - 1 && hidden === 0;
    const mark = at.depth === 0 ? "" : isLast ? "\u2514 " : "\u251c ";
    const below = at.depth === 0 ? "" : isLast ? "  " : "\u2502 ";
    const deeper = at.depth >= depthMax ? "" : below;
    const own: Line = {
      label: `${at.indent}${mark}${visibleText(span.name)}`,
      time: spanText(millisecondsBetween(span.startedAt, span.endedAt)),
      more: [...(span.ok ? [] : ["failed"]), ...attributesOf(span)].join(" "),
    };
    const inner = { ...at, indent: at.indent + deeper, depth: at.depth + 1 };
    return [own, ...branch(at.children.get(span.spanId) ?? [], inner)];
  });
  const rest = { label: `${at.indent}\u2514 and ${countText(hidden)} more`, time: "", more: "" };
  return hidden === 0 ? lines : [...lines, rest];
}

function attributesOf({ attributes }: SpanRecord): readonly string[] {
  return Object.entries(attributes).map(([name, value]) => {
    const text = typeof value === "string" ? value : canonicalJson(value);
    return visibleText(`${name}=${text}`);
  });
}
