/**
 * `npm run footprint [-- --absolute] [--no-build]`: builds every profile, unpacks each into an
 * empty folder with neither npm nor node on the PATH, and holds it against the budgets. Exits with
 * 1 where one is not kept. Sizes and memory gate everywhere; times gate as ratios to `node -e 0`,
 * with `--absolute` in milliseconds. `--no-build` takes what `npm run build` left in `dist`.
 */
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { profiles, type ProfileName } from "../../scripts/build/profiles.ts";
import { buildReleases, builtReleases, type BuiltRelease } from "../../scripts/build/releases.ts";
import { foreignLibraries, forbiddenInputs, glibcNeeded } from "./contents.ts";
import { keeps, table, type FootprintFigure } from "./figure.ts";
import { coordIdle, coreIdle, coreTouched, fullIdle } from "./idle.ts";
import { sizeFigures } from "./sizes.ts";
import { coldStarts } from "./start.ts";
import { emptyFolder, unpack, type Unpacked } from "./unpack.ts";

const options = { idleMs: 10_000 };
const rounds = 20;
const { values } = parseArgs({
  options: { absolute: { type: "boolean" }, "no-build": { type: "boolean" } },
});

const names = profiles.map(({ name }) => name);
const built = values["no-build"] === true ? builtReleases(names) : await buildReleases(names);
const parent = emptyFolder();
try {
  const figures = await measure(built, parent);
  console.log(table(figures));
  writeFileSync("dist/footprint.json", `${JSON.stringify(figures, null, 1)}\n`);
  const gated = figures.filter((figure) => figure.budget !== undefined);
  const passed = gated.filter(keeps).length;
  console.log(`\n${passed} passed, ${gated.length - passed} failed`);
  if (passed < gated.length) process.exitCode = 1;
} finally {
  rmSync(parent, { recursive: true, force: true });
}

async function measure(
  releases: readonly BuiltRelease[],
  into: string,
): Promise<readonly FootprintFigure[]> {
  const figures: FootprintFigure[] = [];
  const unpacked = new Map<ProfileName, Unpacked>();
  for (const { profile, metafile, archives } of releases) {
    const release = await unpack(archives[0] ?? "", into);
    unpacked.set(profile.name, release);
    figures.push(...sizeFigures(profile.name, archives, release.folder));
    figures.push(forbiddenInputs(profile, metafile));
    figures.push(foreignLibraries(profile.name, release.folder));
    figures.push(glibcNeeded(profile.name, release.folder));
  }
  const [core, full, coord] = [unpacked.get("core"), unpacked.get("full"), unpacked.get("coord")];
  if (core === undefined || full === undefined || coord === undefined) {
    throw new Error("expected all three profiles to be built");
  }
  figures.push(...(await coreIdle(core, options)), await coreTouched(core, options));
  figures.push(...(await fullIdle(full, options)));
  figures.push(...(await coordIdle(coord, options)));
  figures.push(
    ...(await coldStarts(core, { rounds, gate: values.absolute === true ? "absolute" : "ratio" })),
  );
  return figures;
}
