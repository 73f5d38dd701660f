/** The connectors that are built in, by name. Each is loaded when a run needs it. */
import { homedir } from "node:os";
import type { ConnectorUri } from "../../config/connector-uri.ts";
import { usageError } from "../../core/error.ts";
import { nearest } from "../../core/near-miss.ts";
import type { Source } from "../../core/ports/source.ts";
import { fileStreamName } from "../../config/file-stream-name.ts";
import { systemRandom } from "../../platform/system-random.ts";
import { systemClock } from "../../platform/system-clock.ts";
import type { SourceSettings } from "../../runtime/actor/means.ts";
import { version } from "../../cli/version.ts";

type Settings = SourceSettings["settings"];

interface BuiltIn {
  /** The settings with what the surroundings of the control process add to them. */
  readonly complete?: (settings: Settings) => Promise<Settings>;
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
  [
    "postgres",
    {
      hasSessions: true,
      complete: async (settings) => {
        const { withPassword } =
          await import("../../../connectors/postgres/connect/with-password.ts");
        return withPassword(settings, { environment: process.env, home: homeFolder() });
      },
      open: async ({ settings, project }) => {
        const { postgresSource } = await import("../../../connectors/postgres/open-source.ts");
        return postgresSource({
          settings,
          project,
          clock: systemClock,
          random: systemRandom,
          environment: process.env,
          home: homeFolder(),
        });
      },
    },
  ],
]);

/** What `~` means; null where nobody knows. */
export function homeFolder(): string | null {
  return homedir() === "" ? null : homedir();
}

/** What connectors say about their URIs, but for files'. */
export const connectorUris: readonly ConnectorUri[] = [
  {
    connector: "postgres",
    schemes: ["postgres", "postgresql"],
    parse: async (uri, place) => (await postgresUris()).parse(uri, place),
    identify: async (settings, place) => (await postgresUris()).identify(settings, place),
  },
];

async function postgresUris(): Promise<ConnectorUri> {
  const { postgresUri } = await import("../../../connectors/postgres/connect/uri.ts");
  return postgresUri({ environment: process.env });
}

/** Makes the source of a connector. Throws `usage.unknown_connector`. */
export async function openSource(connector: string, opening: SourceSettings): Promise<Source> {
  return builtIn(connector).open(opening);
}

/**
 * Settings, secrets in their places, with what the surroundings of the control process add: such as
 * a password of PGPASSWORD.
 */
export async function completeSettings(connector: string, settings: Settings): Promise<Settings> {
  const { complete } = builtIn(connector);
  return complete === undefined ? settings : complete(settings);
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
