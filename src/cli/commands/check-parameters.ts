/** What can't be asked of a run, as far as the pipeline alone tells; the run itself knows more. */
import { usageError } from "../../core/error.ts";
import { nearest } from "../../core/near-miss.ts";
import type { PipelineSpec, StreamSpec } from "../../core/pipeline.ts";
import type { RunParameters } from "../../runtime/protocol.ts";

/**
 * Throws `usage.unknown_stream`, `usage.limit_of_replace` (a limit would throw the rest away),
 * `usage.range_of_refresh`, and `usage.range_needs_incremental`.
 */
export function checkParameters(spec: PipelineSpec, parameters: RunParameters): void {
  const members = wantedStreams(spec, parameters.streams);
  checkLimit(parameters, members);
  const { from, to } = parameters;
  if (from === null && to === null) return;
  if (parameters.fullRefresh) {
    throw usageError(
      "range_of_refresh",
      "expected --full-refresh or a range, got both: a refresh replaces the whole table",
      "leave out --full-refresh, or --from and --to",
    );
  }
  const whole = members.find(({ incremental }) => incremental === null);
  const isUnsaid = spec.streams.length === 0;
  if (!isUnsaid && whole === undefined) return;
  const which = whole === undefined ? "every stream" : `stream '${whole.stream}'`;
  throw usageError(
    "range_needs_incremental",
    `expected an incremental column for --from and --to, but ${which} of '${spec.name}' has none`,
    'set incremental = "COLUMN" for the stream in the pipeline, or leave the range out',
  );
}

function checkLimit({ limit, fullRefresh }: RunParameters, members: readonly StreamSpec[]): void {
  if (limit === null) return;
  const replaced = members.find(({ disposition }) => disposition === "replace");
  if (!fullRefresh && replaced === undefined) return;
  const which = fullRefresh ? "--full-refresh" : `stream '${replaced?.stream}'`;
  throw usageError(
    "limit_of_replace",
    `expected --limit with append or merge, but ${which} replaces its table: ` +
      "the rows beyond the limit would be lost",
    "leave --limit out, or look at rows without writing: hakiri preview",
  );
}

function wantedStreams(spec: PipelineSpec, wanted: readonly string[]): readonly StreamSpec[] {
  if (spec.streams.length === 0 || wanted.length === 0) return spec.streams;
  const names = spec.streams.map(({ stream }) => stream);
  for (const name of wanted) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    throw usageError(
      "unknown_stream",
      `expected a stream of pipeline '${spec.name}', got '${name}'`,
      meant === null ? `one of: ${names.slice(0, 20).join(", ")}` : `did you mean '${meant}'?`,
    );
  }
  return spec.streams.filter(({ stream }) => wanted.includes(stream));
}
