/** Doctor's findings on libraries that work and libraries that don't. */
import { expect, test } from "vitest";
import { doctorCommand } from "../../src/cli/doctor.ts";

const libraries = [
  { name: "good", purpose: "testing", check: async () => "works" },
  { name: "bad", purpose: "testing", check: () => Promise.reject(new Error("libx.so not found")) },
];

async function examine(...names: string[]) {
  let now = 0;
  const command = doctorCommand(libraries, () => (now += 5));
  return (await command.load())(names);
}

test("a library that fails is named with its reason, and the others are still checked", async () => {
  const { text, document, exitCode } = await examine();
  expect(exitCode).toBe(3);
  expect(text).toContain("failed bad");
  expect(text).toContain("libx.so not found");
  expect(text).toContain("1 of 2 libraries work; not: bad");
  expect(document).toMatchObject({
    ok: false,
    libraries: [
      { library: "good", ok: true, detail: "works", milliseconds: 5 },
      { library: "bad", ok: false },
    ],
  });
});

test("only named libraries are checked", async () => {
  const { document, exitCode } = await examine("good");
  expect(exitCode).toBe(0);
  expect(document).toMatchObject({ ok: true, libraries: [{ library: "good" }] });
});

test("a name that is no library is refused with the names there are", async () => {
  await expect(examine("god")).rejects.toMatchObject({
    code: "usage.unknown_library",
    hint: "one of: good, bad",
  });
});
