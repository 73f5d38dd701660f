/** The quickstart's first part: files that are really there, and three questions about them. */
import { createWriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { finished } from "node:stream/promises";
import { ask, say, step } from "./steps.ts";

const root = join(import.meta.dirname, "..", "..");
const modules = join(root, "node_modules");

/** Fewer rows than this would prove nothing. */
const filesMin = 5_000;

interface InstalledFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly package: string;
}

/** Ingests this tree's lock file, a CSV of the installed files, and the packages' manifests. */
export async function ingestFiles(project: string): Promise<void> {
  const csv = join(project, "installed.csv");
  const rows = await writeInstalledFiles(csv);
  say(`installed.csv: ${rows} files that npm installed, one a row`);

  step(project, ["ingest", join(root, "package-lock.json#/packages")]);
  step(project, ["ingest", "installed.csv"]);
  const manifests = ["*/package.json", "@*/*/package.json"].map((glob) => join(modules, glob));
  step(project, [
    "ingest",
    `${modules}/{${manifests.map((glob) => relative(modules, glob)).join(",")}}`,
    "--as",
    "manifests",
  ]);
  say("The same again: nothing is new, and nothing is doubled.");
  step(project, ["ingest", "installed.csv"]);

  say("Which licences do the dependencies carry?");
  ask(
    project,
    "SELECT license, count(*) AS packages FROM packages WHERE license IS NOT NULL " +
      "GROUP BY license ORDER BY packages DESC, license LIMIT 10",
  );
  say("Which packages take the most room?");
  ask(
    project,
    "SELECT package, count(*) AS files, round(sum(size_bytes) / 1e6, 1) AS megabytes " +
      "FROM installed GROUP BY package ORDER BY megabytes DESC LIMIT 10",
  );
  say("Which packages are modules, and which have files to run?");
  ask(
    project,
    "SELECT coalesce(type, 'commonjs') AS kind, count(*) AS packages, count(bin) AS with_programs " +
      "FROM manifests GROUP BY kind ORDER BY packages DESC",
  );
}

/** Writes path, size and package of every installed file; answers how many there are. */
async function writeInstalledFiles(csv: string): Promise<number> {
  const output = createWriteStream(csv);
  output.write("path,size_bytes,package\n");
  let rows = 0;
  for await (const file of installedFiles(modules)) {
    output.write(`${csvText(file.path)},${file.sizeBytes},${csvText(file.package)}\n`);
    rows += 1;
  }
  output.end();
  await finished(output);
  if (rows >= filesMin) return rows;
  throw new Error(`expected ${filesMin} installed files in ${modules}, got ${rows}: type npm ci`);
}

async function* installedFiles(folder: string): AsyncGenerator<InstalledFile> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* installedFiles(path);
    if (!entry.isFile()) continue;
    const within = relative(modules, path).split(sep);
    const name = within[0]?.startsWith("@") ? `${within[0]}/${within[1]}` : (within[0] ?? "");
    yield { path: within.join("/"), sizeBytes: (await stat(path)).size, package: name };
  }
}

/** RFC 4180. */
function csvText(text: string): string {
  return /[",\n\r]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
