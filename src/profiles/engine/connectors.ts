/** The connectors that are built in, by name. Each is loaded when a run needs it. */
import { usageError } from "../../core/error.ts";
import { nearest } from "../../core/near-miss.ts";
import type { Source } from "../../core/ports/source.ts";
import { fileStreamName } from "../../config/file-stream-name.ts";
import { systemClock } from "../../platform/system-clock.ts";
import type { SourceSettings } from "../../runtime/actor/means.ts";
import { version } from "../../cli/version.ts";

interface BuiltIn {
  /** Whether its reads of one run may share a session. */
  readonly hasSessions: boolean;
  readonly open: (opening: SourceSettings) => Promise<Source>;
}

const builtIns: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  [
    "file",
    {
      hasSessions: false,
      open: async ({ settings, project, scratch, onChange, onMissing }) => {
        const { fileSource } = await import("../../../connectors/file/source.ts");
        return fileSource({
          settings,
          project,
          rules: { onChange, onMissing },
          streamName: fileStreamName,
          scratch,
          nowMicros: () => systemClock.nowMicros(),
        });
      },
    },
  ],
]);

/** Makes the source of a connector. Throws `usage.unknown_connector`. */
export async function openSource(connector: string, opening: SourceSettings): Promise<Source> {
  return builtIn(connector).open(opening);
}

/** Whether a connector's source may have sessions, which the control process opens. */
export function hasSessions(connector: string): boolean {
  return builtIn(connector).hasSessions;
}

/** A built-in connector's code changes with the release only. */
export function connectorDigest(connector: string): string {
  builtIn(connector);
  return `${connector}@${version}`;
}

function builtIn(connector: string): BuiltIn {
  const found = builtIns.get(connector);
  if (found !== undefined) return found;
  const names = [...builtIns.keys()];
  const meant = nearest(connector, names);
  throw usageError(
    "unknown_connector",
    `expected a connector of this profile (${names.join(", ")}), got '${connector}'`,
    meant === null ? "check the pipeline's connector" : `did you mean '${meant}'?`,
  );
}
