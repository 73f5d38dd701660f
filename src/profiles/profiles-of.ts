/**
 * Which profile has which command, as data: no profile's bundle carries another one's table, yet
 * each can say where a command is that it doesn't have. A test holds this against the tables.
 */

/** Names of all commands with the profiles that have them, the smallest first. */
export const profilesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ["init", ["core", "full"]],
  ["ingest", ["core", "full"]],
  ["run", ["core", "full"]],
  ["discover", ["core", "full"]],
  ["preview", ["core", "full"]],
  ["plan", ["core", "full"]],
  ["validate", ["core", "full"]],
  ["query", ["core", "full"]],
  ["pipeline list", ["core", "full"]],
  ["pipeline show", ["core", "full"]],
  ["runs", ["core", "full"]],
  ["trace", ["core", "full"]],
  ["snapshots", ["core", "full"]],
  ["state show", ["core", "full"]],
  ["state set", ["core", "full"]],
  ["state rewind", ["core", "full"]],
  ["compact", ["core", "full"]],
  ["gc", ["core", "full"]],
  ["doctor", ["coord", "core", "full"]],
]);
