/** The handler: events in, replies out, heavy work in a child. */
import { describe, expect, test } from "vitest";
import { version } from "../../src/cli/version.ts";
import { handler } from "../../src/profiles/lambda.ts";

test("a light event is answered in this process", async () => {
  expect(await handler({ args: ["--version"] })).toEqual({
    exitCode: 0,
    stdout: `hakiri ${version}\n`,
    stderr: "",
  });
});

test("a heavy event is answered by a child, whose libraries this process doesn't load", async () => {
  const reply = await handler({ args: ["doctor", "sqlite", "--json"] });
  expect(reply).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(reply.stdout)).toMatchObject({
    libraries: [{ library: "sqlite", ok: true }],
  });
  const loaded = process.report.getReport() as unknown as { sharedObjects: string[] };
  expect(loaded.sharedObjects.filter((file) => file.includes("better-sqlite3"))).toEqual([]);
});

test("a failure is a reply with the exit code of the command line, also from the child", async () => {
  expect(await handler({ args: ["nonsense"] })).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await handler({ args: ["doctor", "nonsense"] })).toMatchObject({ exitCode: 2 });
});

describe("an event out of bounds is refused before anything runs", () => {
  test.each([
    ["no object", null],
    ["no arguments", {}],
    ["an argument that is no string", { args: [1] }],
    ["65 arguments", { args: Array.from({ length: 65 }, () => "x") }],
    ["an argument of more than 16 KiB", { args: ["x".repeat(16 * 1024 + 1)] }],
    ["more than 16 KiB of UTF-8 in fewer characters", { args: ["\u20ac".repeat(6 * 1024)] }],
    ["a zero byte", { args: ["doctor", "\0"] }],
  ])("%s", async (_, event) => {
    const reply = await handler(event);
    expect(reply.exitCode).toBe(2);
    expect(reply.stderr).toContain("expected an event");
  });

  test("64 arguments of 16 KiB are not", async () => {
    const args = Array.from({ length: 64 }, () => "x".repeat(16 * 1024));
    expect((await handler({ args })).stderr).not.toContain("expected an event");
  });
});

test("a child that outlives the host's time is ended, and the reply says how", async () => {
  const reply = await handler({ args: ["doctor"] }, { getRemainingTimeInMillis: () => 1001 });
  expect(reply.exitCode).toBe(1);
  expect(reply.stderr).toContain("ended by SIGKILL");
});
