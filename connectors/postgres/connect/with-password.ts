/** Settings with the password that the user's surroundings have for them. */
import type { Json } from "../../../src/connector.ts";
import { ambientPassword, type Surroundings } from "./ambient.ts";
import { parsePostgresSettings } from "./config.ts";

/**
 * The settings, with a password where they have none and one is found; for this process's memory
 * alone. Threads and processes that read have no surroundings of their own.
 */
export async function withPassword(
  settings: Readonly<Record<string, Json>>,
  around: Surroundings,
): Promise<Readonly<Record<string, Json>>> {
  const parsed = parsePostgresSettings(settings);
  if (parsed.password !== null) return settings;
  const { password } = await ambientPassword(parsed, around);
  return password === null ? settings : { ...settings, password };
}
