/** A document through a schema: what it means, or one error that lists all that is wrong. */
import type { z } from "zod";
import { configError, type ConfigProblem } from "./config-problem.ts";
import type { ConfigDocument } from "./document.ts";
import { explainIssue } from "./explain-issue.ts";

/**
 * What a schema makes of a document. `more` are problems found otherwise, reported first. Throws a
 * usage error for any problem.
 */
export function parseConfig<S extends z.ZodType>(
  document: ConfigDocument,
  schema: S,
  more: readonly ConfigProblem[],
): z.output<S> {
  const parsed = schema.safeParse(document.data);
  const issues = parsed.success ? [] : parsed.error.issues;
  const explained = issues.flatMap((issue) => explainIssue(issue, schema, document.data));
  const [first, ...rest] = [...more, ...explained];
  if (first !== undefined) throw configError(document, [first, ...rest]);
  if (!parsed.success) throw new Error("expected an issue from a schema that refused");
  return parsed.data;
}
