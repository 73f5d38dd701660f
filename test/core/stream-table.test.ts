/** Which table each stream lands in. */
import { expect, test } from "vitest";
import { nameTables, type TableRule, type UnplacedStream } from "../../src/core/stream-table.ts";
import { caught } from "./caught.ts";

const plain: TableRule = { namespace: "main", template: "{stream}" };

function stream(name: string, schema: string | null = null, table: string | null = null) {
  return { stream: name, schema, table } satisfies UnplacedStream;
}

function texts(streams: readonly UnplacedStream[], rule: TableRule): readonly string[] {
  return nameTables(streams, rule).map(({ namespace, name }) => `${namespace}|${name}`);
}

test("a stream's table is called as the stream, in the pipeline's namespace", () => {
  expect(texts([stream("a/b"), stream("select")], plain)).toEqual(["main|a/b", "main|select"]);
});

test("template and namespace take the schema and the stream", () => {
  const streams = [stream("users", "public"), stream("users", "audit")];
  expect(texts(streams, { namespace: "main", template: "{schema}_{stream}" })).toEqual([
    "main|public_users",
    "main|audit_users",
  ]);
  expect(texts(streams, { namespace: "{schema}", template: "{stream}" })).toEqual([
    "public|users",
    "audit|users",
  ]);
});

test("a table that the user named goes before the rule", () => {
  const streams = [stream("a", null, "people"), stream("b", null, 'x."y.z"')];
  expect(texts(streams, { namespace: "n", template: "{stream}" })).toEqual(["n|people", "x|y.z"]);
});

test("derived names are cleaned: control characters, hakiri's prefix, length", () => {
  const streams = [stream("a\nb"), stream("_hakiri_x"), stream("é".repeat(200))];
  expect(texts(streams, plain)).toEqual([
    "main|a_b",
    "main|source_hakiri_x",
    `main|${"é".repeat(127)}`,
  ]);
});

test("equal names of two schemas are refused, and the hint gives both ways out", () => {
  expect(() => nameTables([stream("Users", "a"), stream("users", "b")], plain)).toThrow(
    expect.objectContaining({
      code: "usage.same_table",
      message: "expected a table for each stream, but 'a.Users' and 'b.users' would both be users",
      hint: 'set namespace = "{schema}", or table_template = "{schema}_{stream}"',
    }),
  );
});

test("streams of one schema that differ only in case need a table by name", () => {
  expect(() => nameTables([stream("Users"), stream("users")], plain)).toThrow(
    expect.objectContaining({
      code: "usage.same_table",
      hint: 'give one of them a table of its own: table = "NAME"',
    }),
  );
});

test.each<[UnplacedStream, TableRule, string, string]>([
  [
    stream("a"),
    { ...plain, template: "{strem}" },
    "usage.table_template",
    "did you mean {stream}?",
  ],
  [
    stream("a"),
    { ...plain, template: "{x}" },
    "usage.table_template",
    "write {schema} or {stream}",
  ],
  [
    stream("a"),
    { ...plain, template: "{schema}_{stream}" },
    "usage.table_template",
    "leave {schema} out",
  ],
  [stream(" "), plain, "usage.table_template", "give the stream a table by name"],
  [
    stream("a"),
    { ...plain, namespace: "pg_Catalog" },
    "usage.reserved_name",
    "choose another than",
  ],
  [stream("a", null, "temp.a"), plain, "usage.reserved_name", "choose another than"],
  [stream("a", null, "_Hakiri_a"), plain, "usage.reserved_name", "choose a name that doesn't"],
])("%j under %j is refused with %s", (one, rule, code, hint) => {
  const error = caught(() => nameTables([one], rule));
  expect(error.code).toBe(code);
  expect(error.hint).toContain(hint);
});
