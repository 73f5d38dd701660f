/** Doctor's findings on libraries that work and libraries that don't. */
import { expect, test } from "vitest";
import { doctorCommand } from "../../src/cli/doctor.ts";
import { HakiriError } from "../../src/core/error.ts";
import { typeLine } from "./scripted-terminal.ts";

const libraries = [
  { name: "good", purpose: "testing", check: async () => "works" },
  { name: "bad", purpose: "testing", check: () => Promise.reject(new Error("libx.so not found")) },
];

const damage = new HakiriError({
  kind: "Permanent",
  code: "store.damaged",
  message: "a.parquet ends early",
  hint: "type 'hakiri gc'",
});

const checks = [{ name: "store", purpose: "your data", check: () => Promise.reject(damage) }];

function examine(...names: string[]) {
  let now = 0;
  const command = doctorCommand({ libraries, checks, stopwatch: () => (now += 5) });
  return typeLine([command], ["doctor", ...names]);
}

test("a library that fails is named with its reason, and the others are still checked", async () => {
  const { out, exitCode } = await examine("good", "bad");
  expect(exitCode).toBe(3);
  expect(out).toContain("failed bad");
  expect(out).toContain("libx.so not found");
  expect(out).toContain("1 of 2 checks passed; not: bad\n  install hakiri again");
  const document: unknown = JSON.parse((await examine("good", "bad", "--json")).out);
  expect(document).toMatchObject({
    ok: false,
    libraries: [
      { library: "good", ok: true, detail: "works", milliseconds: 5 },
      { library: "bad", ok: false, code: "installation.damaged" },
    ],
    checks: [],
  });
});

test("a further check is told apart from libraries, with its own hint", async () => {
  const { out } = await examine();
  expect(out).toContain("1 of 3 checks passed; not: bad, store");
  expect(out).toContain("  type 'hakiri gc'\n");
  expect(JSON.parse((await examine("store", "--json")).out)).toMatchObject({
    libraries: [],
    checks: [{ check: "store", ok: false, code: "store.damaged", hint: "type 'hakiri gc'" }],
  });
});

test("only named libraries are checked", async () => {
  const { out, exitCode } = await examine("good", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ ok: true, libraries: [{ library: "good" }], checks: [] });
});

test("a name that is no check is refused with the names there are", async () => {
  const { err, exitCode } = await examine("goood");
  expect(exitCode).toBe(2);
  expect(err).toBe(
    "hakiri: expected CHECK to be one of good, bad, store, got 'goood'\n  did you mean 'good'?\n",
  );
});
