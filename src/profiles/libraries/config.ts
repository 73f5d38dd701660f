/** Checks smol-toml and zod: a document parsed, and an unknown key refused. */
import { parse } from "smol-toml";
import { z } from "zod";

/** Parses one pipeline's text and validates it. */
export async function checkConfig(): Promise<string> {
  const spec = z.strictObject({ name: z.string(), streams: z.array(z.string()) });
  const { name, streams } = spec.parse(parse('name = "shop"\nstreams = ["orders", "lines"]'));
  if (spec.safeParse({ name, streams, extra: 1 }).success) {
    throw new Error("expected an unknown key to be refused, it was taken");
  }
  return `${name} with ${streams.length} streams`;
}
