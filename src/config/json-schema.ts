/** The schemas of configuration files as JSON Schema (draft 2020-12), for editors and agents. */
import { z } from "zod";
import type { Json } from "../core/json.ts";
import { projectSchema } from "./parse-project.ts";
import { pipelineSchema } from "./pipeline-schema.ts";
import { envNamePattern, secretFieldPattern, secretPathPattern } from "./secret-field.ts";

/** What a project has files of. */
export type ConfigKind = "pipeline" | "project";

/**
 * The published schema of a kind of file, TOML read as JSON. What it can't say, such as a rule over
 * several keys, only the parser knows.
 */
export function jsonSchemaOf(kind: ConfigKind): Json {
  const schema = kind === "pipeline" ? pipelineSchema : projectSchema;
  const options = { io: "input" } as const;
  const published = z.toJSONSchema(schema, {
    ...options,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== pipelineSchema.shape.source) return;
      delete jsonSchema.propertyNames;
      const { $schema: _, ...reference } = z.toJSONSchema(secretReference, options);
      // JSON Schema knows no flags, so the pattern fits names in lower case only.
      jsonSchema.patternProperties = { [secretFieldPattern]: reference };
    },
  });
  // Through text, so that what is compared and printed is JSON and nothing else.
  return JSON.parse(JSON.stringify(published)) as Json;
}

const secretReference = z.union([
  z.strictObject({ env: z.string().regex(envNamePattern) }),
  z.strictObject({ file: z.string().regex(secretPathPattern) }),
]);
