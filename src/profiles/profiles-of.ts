/**
 * Which profile has which command, as data: no profile's bundle carries another one's table, yet
 * each can say where a command is that it doesn't have. A test holds this against the tables.
 */

/** Names of all commands with the profiles that have them, the smallest first. */
export const profilesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ["ingest", ["core", "full"]],
  ["doctor", ["coord", "core", "full"]],
]);
