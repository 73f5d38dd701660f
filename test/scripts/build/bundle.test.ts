/** The bundle of the smallest profile, really made, and what a wrong one would do to the gate. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forbiddenInputs } from "../../../bench/footprint/contents.ts";
import { keeps } from "../../../bench/footprint/figure.ts";
import { bundle, type Bundle } from "../../../scripts/build/bundle.ts";
import { bundledPackages, notices, sbom } from "../../../scripts/build/inventory.ts";
import { profileOf, profiles, type Profile } from "../../../scripts/build/profiles.ts";

const target = { platform: process.platform, arch: process.arch };
let folder = "";
let coord: Bundle;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hakiri-bundle-"));
  coord = await bundle(profileOf("coord"), target, join(folder, "coord"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the bundle runs by itself, far from node_modules", () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(folder, "coord/hakiri.js"), "doctor", "--json"],
    { encoding: "utf8", cwd: folder },
  );
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
});

test("native files are this platform's only", () => {
  expect(coord.nativeFiles).toEqual(["better_sqlite3.node"]);
  expect(readdirSync(join(folder, "coord/native"))).toEqual(["better_sqlite3.node"]);
});

test("the entry that starts imports no library: each is a part of its own", () => {
  const entry = Object.entries(coord.metafile.outputs).find(([name]) =>
    name.endsWith("/hakiri.js"),
  );
  const inputs = Object.keys(entry?.[1].inputs ?? {});
  expect(inputs.length).toBeGreaterThan(3);
  expect(inputs.filter((input) => input.includes("node_modules"))).toEqual([]);
});

test("no profile is without things that it must not carry", () => {
  expect(profiles.map((profile) => profile.forbidden.length)).not.toContain(0);
});

test("coord carries nothing that it must not", () => {
  const figure = forbiddenInputs(profileOf("coord"), coord.metafile);
  expect(figure).toMatchObject({ value: 0, budget: 0 });
  expect(keeps(figure)).toBe(true);
});

test("canary: a coord that reaches DuckDB is reported, with the file that it carries", async () => {
  const planted = resolve("src/profiles/libraries/duckdb.ts");
  const entry = join(folder, "planted.ts");
  writeFileSync(entry, `export const load = () => import(${JSON.stringify(planted)});`);
  const profile: Profile = { ...profileOf("coord"), entries: { hakiri: entry } };
  const { metafile } = await bundle(profile, target, join(folder, "planted"));
  const figure = forbiddenInputs(profile, metafile);
  expect(keeps(figure)).toBe(false);
  expect(figure.detail).toContain("@duckdb");
});

test("canary: a thread that is started from no entry fails the build", async () => {
  const root = join(folder, "src");
  const entry = join(root, "main.ts");
  spawnSync("mkdir", ["-p", root]);
  writeFileSync(entry, 'export const url = new URL("./thread.ts", import.meta.url);');
  const profile: Profile = { ...profileOf("coord"), entries: { hakiri: entry } };
  await expect(bundle(profile, target, join(folder, "thread"))).rejects.toThrow(
    "thread.ts, which is no entry",
  );
});

test("what core and coord must not carry is what full carries, under the names it has", async () => {
  const full = profileOf("full");
  const { metafile } = await bundle(full, target, join(folder, "full"));
  const inputs = [
    ...Object.keys(metafile.inputs),
    ...full.unbundled.map((p) => `node_modules/${p}/`),
  ];
  const patterns = ["core", "coord"].flatMap((name) => profileOf(name).forbidden);
  const ofPackages = patterns.filter(({ source }) => source.includes("node_modules"));
  expect(ofPackages.length).toBeGreaterThanOrEqual(15);
  const idle = ofPackages.filter((pattern) => !inputs.some((input) => pattern.test(input)));
  expect(idle.map(({ source }) => source)).toEqual([]);
});

test("canary: a metafile with nothing in it is an error, not a clean profile", () => {
  expect(() => forbiddenInputs(profileOf("coord"), { inputs: {}, outputs: {} })).toThrow(
    "expected 15 inputs or more, got 0",
  );
});

test("an unknown profile is refused with the names there are", () => {
  expect(() => profileOf("cord")).toThrow("expected a profile (coord, core, full), got 'cord'");
});

test("the SBOM and the notices name exactly the packages that went in", () => {
  const packages = bundledPackages(coord.metafile);
  expect(packages).toEqual(["better-sqlite3", "commander", "msgpackr"]);
  const document: unknown = JSON.parse(sbom("coord", packages));
  expect(document).toMatchObject({
    bomFormat: "CycloneDX",
    components: packages.map((name) => ({ name, purl: expect.stringContaining(name) as string })),
  });
  for (const name of packages) expect(notices(packages)).toMatch(new RegExp(`^${name} \\d`, "m"));
  expect(existsSync("LICENSE") && readFileSync("LICENSE", "utf8")).toContain("Apache License");
});
