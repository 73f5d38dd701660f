/**
 * The table of allowed imports between rooms, as data. What is absent is forbidden.
 *
 * A room is a folder under `src`, the façade `src/connector.ts`, one connector, one example
 * connector, or one of the outer folders. A room may always import itself.
 */

/** The rooms under `src`, with what each may import besides itself. */
const sourceRooms = {
  core: [],
  columns: ["core"],
  raft: ["core"],
  actors: ["core"],
  platform: ["core"],
  config: ["core"],
  access: ["core"],
  catalog: ["core"],
  sync: ["core"],
  supervisor: ["core", "actors"],
  coord: ["core", "raft", "catalog"],
  host: ["core", "columns"],
  context: ["core", "columns"],
  runtime: ["core", "columns", "actors", "supervisor", "context"],
  agent: ["core", "config", "access", "runtime", "context", "sync", "host"],
  // prettier-ignore
  node: ["core", "config", "access", "actors", "supervisor", "runtime", "context", "sync", "agent"],
} as const satisfies Record<string, readonly string[]>;

const sourceRoomNames = Object.keys(sourceRooms);
const innerRooms = [...sourceRoomNames, "cli", "connector.ts"];

/** The room of an ordinary connector stands in the table under this name, whatever its folder. */
export const anyConnector = "connectors/*";
/** The room of an example connector, which knows the SDK only. */
export const anyExample = "connectors/examples/*";

/** Every room with the rooms it may import. Two connectors are different rooms under one row. */
export const layerTable: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ...Object.entries(sourceRooms),
  ["cli", sourceRoomNames],
  ["connector.ts", ["core", "columns"]],
  [anyConnector, ["connector.ts"]],
  [anyExample, ["sdk"]],
  ["sdk", []],
  ["profiles", [...innerRooms, anyConnector, anyExample, "sdk"]],
  ["scripts", [...innerRooms, anyConnector, anyExample, "sdk"]],
  ["bench", [...innerRooms, anyConnector, anyExample, "sdk", "scripts"]],
  [
    "test",
    [...innerRooms, anyConnector, anyExample, "sdk", "profiles", "scripts", "bench", "root"],
  ],
  ["root", []],
]);

/** The rooms that are programs around the tree: for them `new URL("x.ts")` names a file to run. */
export const outerRooms: ReadonlySet<string> = new Set(["scripts", "bench", "test", "root"]);

/** The rooms whose code a guest engine runs: they have neither Node nor packages. */
export const guestRooms: ReadonlySet<string> = new Set(["sdk", anyExample]);

/** The module names that exist inside a guest: the SDK and what the component's world imports. */
export const guestModule = /^(?:(?:hakiri|wasi):|@hakiri\/sdk$|hakiri\/sdk$)/u;

/** The one file of a pure room that may import a package, with that package. */
export const pureExceptions: ReadonlyMap<string, string> = new Map([
  ["src/columns/to-arrow.ts", "apache-arrow"],
]);

/** Whether a file belongs to a pure room: no I/O, no clock, no randomness, no package. */
export function isPure(path: string): boolean {
  return /^src\/(?:core|raft|columns|sync\/plan)\//u.test(path) || path === "src/sync/plan.ts";
}

/** The room of a file: `own` tells two connectors apart, `row` is where the table speaks of it. */
export interface Room {
  readonly own: string;
  readonly row: string;
}

/** Finds the room of a path. A path in no known room gets a row that the table doesn't have. */
export function roomOf(path: string): Room {
  const [top = "", second = "", third = ""] = path.split("/");
  if (top === "src") return { own: second, row: second };
  if (top === "connectors" && second === "examples") {
    return { own: `connectors/examples/${third}`, row: anyExample };
  }
  if (top === "connectors" && third !== "")
    return { own: `connectors/${second}`, row: anyConnector };
  if (second === "") return { own: "root", row: "root" };
  return { own: top, row: top };
}

/** Whether the table lets a file of one room import a file of another. */
export function mayImport(from: Room, to: Room): boolean {
  return from.own === to.own || (layerTable.get(from.row) ?? []).includes(to.row);
}
