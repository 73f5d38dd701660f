/** Command lines that mean nothing, name what isn't there, or would do harm. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { testProject, type TestProject } from "../commands/command-line.ts";
import { refusal, standing, standingFiles } from "./refusal.ts";

let project: TestProject;
let before: unknown;

beforeAll(async () => {
  project = await testProject(standingFiles);
  await project.document(0, "run", "orders");
  before = await standing(project);
});

afterAll(() => project.remove());

const long = "x".repeat(1_000_000);
const output = (path: string): readonly string[] => ["query", "select 1", "--output", path];
const ingest = (...more: readonly string[]): readonly string[] => ["ingest", "orders.csv", ...more];

const lines: readonly (readonly [code: string, ...args: readonly string[]])[] = [
  ["usage.unknown_option", "--jsn"],
  ["usage.unknown_option", "-x"],
  ["usage.unknown_option", "--json=1", "runs"],
  ["usage.unknown_command", "queri", "x"],
  ["usage.unknown_command", "pipeline", "lst"],
  ["usage.unknown_command", ...Array.from({ length: 5000 }, () => "x")],
  ["usage.missing_operand", "run"],
  ["usage.missing_operand", "state", "set"],
  ["usage.excess_operand", "run", "a", "b"],
  ["usage.excess_operand", "runs", "--", "--json"],
  ["usage.missing_value", "run", "orders", "--limit"],
  ["usage.invalid_value", "run", "orders", "--limit", "1e3"],
  ["usage.invalid_value", "run", "orders", "--limit", "99999999999999999999"],
  ["usage.invalid_value", "run", "orders", "--stream", ""],
  ["usage.range_needs_incremental", "run", "orders", "--from", "x"],
  ["usage.unknown_pipeline", "run", ""],
  ["usage.unknown_pipeline", "run", "../orders"],
  ["usage.unknown_pipeline", "run", "orders\0"],
  ["usage.unknown_pipeline", "run", long],
  ["usage.unknown_pipeline", "pipeline", "show", "\u{1f600}"],
  ["usage.invalid_cursor", "state", "set", "orders", "orders", "--cursor", "{"],
  ["usage.unknown_snapshot", "state", "rewind", "orders", "--to", "99"],
  ["usage.unknown_table", "snapshots", "--table", "nope"],
  ["usage.table_name", "compact", ""],
  ["usage.table_name", "snapshots", "--table", "a.b.c"],
  ["usage.unknown_run", "trace", ""],
  ["usage.unknown_run", "trace", "%"],
  ["usage.unknown_run", "trace", "\0"],
  ["usage.unknown_choice", "doctor", "nope"],
  ["usage.unknown_choice", "completion", "tcsh"],
  ["usage.unknown_choice", "help", "nope"],
  ["usage.unknown_choice", "--progress", "loud", "runs"],
  ["usage.invalid_value", "init", ""],
  ["usage.invalid_value", "--project", "", "runs"],
  ["usage.project", "--project", "/nope", "runs"],
  ["usage.snapshot", "query", "select 1", "--at", "-1"],
  ["usage.snapshot", "query", "select 1", "--at", "2020-13-45"],
  ["usage.unknown_snapshot", "query", "select 1", "--at", "999"],
  ["usage.unknown_choice", "query", "select 1", "--format", "xml"],
  ["usage.no_input", "query", "-"],
  // A result never takes the place of what the store is made of.
  ["usage.output", ...output(".hakiri/catalog.sqlite")],
  ["usage.output", ...output("pipelines/../.hakiri/views.sql")],
  ["usage.output", ...output(".hakiri")],
  ["usage.output", ...output(".")],
  ["usage.output", ...output("absent/x.csv")],
  ["usage.output", ...output("a\0b")],
  ["usage.invalid_uri", "ingest", ""],
  ["usage.invalid_uri", "ingest", "\0"],
  ["usage.invalid_uri", "ingest", long],
  ["usage.invalid_uri", "ingest", "file://host/x"],
  ["usage.invalid_uri", "ingest", "file:///%zz"],
  ["usage.invalid_uri", "ingest", "orders.csv#/a~2"],
  ["usage.unknown_scheme", "ingest", "ftp://x/y"],
  ["usage.unknown_scheme", "ingest", "http://[::1"],
  ["usage.missing_file", "ingest", "javascript:alert(1)"],
  ["usage.missing_file", "ingest", "orders.csv#nope"],
  ["usage.missing_file", "ingest", "--", "--as"],
  ["usage.unknown_choice", ...ingest("--mode", "upsert")],
  ["usage.invalid_value", ...ingest("--primary-key", "")],
  ["usage.invalid_value", ...ingest("--as", "")],
  ["usage.excess_operand", ...ingest("extra")],
];

test.each(lines)("%s: %j", async (code, ...args) => {
  expect(await refusal(project, args)).toMatchObject({ code, exitCode: 2 });
});

test("after all of these the store is as it was", async () => {
  expect(await standing(project)).toEqual(before);
});
