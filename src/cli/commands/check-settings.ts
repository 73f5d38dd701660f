/** A pipeline's settings as its connector understands them, before anything is made or run. */
import { asSecretReference } from "../../config/secret-field.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Engine } from "./engine.ts";

/**
 * Asks the connector about settings. Those with references are checked by the run, which has their
 * values. Throws what is wrong with them, and `usage.unknown_connector`.
 */
export async function checkSettings(
  engine: Engine,
  folder: string,
  { connector, source, onChange, onMissing }: PipelineSpec,
): Promise<void> {
  if (Object.values(source).some((value) => asSecretReference(value) !== null)) return;
  const temporary = await engine.makeTemporaryFolder(null);
  try {
    const scratch = temporary.path;
    const opening = { settings: source, project: folder, onChange, onMissing, scratch };
    const opened = await engine.openSource(connector, opening);
    await opened.close();
  } finally {
    await temporary.remove();
  }
}
