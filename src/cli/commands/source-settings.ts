/** The settings of a pipeline's source as its connector takes them: secrets in their places. */
import { asSecretReference } from "../../config/secret-field.ts";
import type { Json } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Engine } from "./engine.ts";

/** Whose settings are wanted. */
export interface SettingsOf {
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly spec: PipelineSpec;
  /** Values of this process alone, by variable. */
  readonly inlineSecrets: ReadonlyMap<string, string>;
}

/** Resolves the secrets. Throws AuthExpired `secret.missing` for one that isn't there. */
export async function sourceSettings(
  engine: Engine,
  { folder, spec, inlineSecrets }: SettingsOf,
): Promise<PipelineSpec["source"]> {
  const secrets = engine.secrets(folder, inlineSecrets);
  const settings: Record<string, Json> = {};
  for (const [field, value] of Object.entries(spec.source)) {
    const reference = asSecretReference(value);
    settings[field] = reference === null ? value : await secrets.resolve(reference);
  }
  return engine.completeSettings(spec.connector, settings);
}
