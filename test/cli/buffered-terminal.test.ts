/** The terminal that keeps what is written, and its bound. */
import { expect, test } from "vitest";
import { bufferedTerminal } from "../../src/cli/buffered-terminal.ts";
import { scriptedTerminal } from "./scripted-terminal.ts";

const { env, cwd, signal, clock } = scriptedTerminal().terminal;
const settings = { env, cwd, signal, clock, bytesMax: 4 };

test("what is written is kept, characters that come in two pieces too", async () => {
  const { terminal, stdout, stderr } = bufferedTerminal(settings);
  const bytes = Buffer.from("€");
  await terminal.out.write(bytes.subarray(0, 1));
  await terminal.out.write(bytes.subarray(1));
  await terminal.err.write("note");
  expect({ out: stdout(), err: stderr() }).toEqual({ out: "€", err: "note" });
});

test("an answer of exactly the bound is kept, one byte more fails", async () => {
  const { terminal, stdout } = bufferedTerminal(settings);
  expect(await terminal.out.write("1234")).toBe(true);
  await expect(terminal.out.write("5")).rejects.toMatchObject({ code: "output.too_large" });
  expect(stdout()).toBe("1234");
});

test("messages beyond the bound are dropped", async () => {
  const { terminal, stderr } = bufferedTerminal(settings);
  expect(await terminal.err.write("1234")).toBe(true);
  expect(await terminal.err.write("5")).toBe(false);
  expect(stderr()).toBe("1234");
});
