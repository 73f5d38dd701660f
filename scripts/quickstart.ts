/**
 * `npm run quickstart`: hakiri's main job on sources that are really there. Makes a project in a
 * temporary folder; ingests files, asks three questions; starts a PostgreSQL of its own with a shop
 * in it, ingests that whole, changes it, and ingests what has changed.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ingestFiles } from "./quickstart/files.ts";
import { ingestShop } from "./quickstart/shop.ts";
import { hakiri, say } from "./quickstart/steps.ts";

const project = await mkdtemp(join(tmpdir(), "hakiri-quickstart-"));
say(`A project in ${project}`);
await ingestFiles(project);
await ingestShop(project);
say(
  [
    "Next, type:",
    `  cd ${project}`,
    `  ${hakiri} query "FROM installed ORDER BY size_bytes DESC LIMIT 5"`,
    `  ${hakiri} snapshots`,
    `  ${hakiri} ingest YOUR.csv`,
    `  ${hakiri} ingest 'postgres://you@host/database?table=orders'`,
    `  ${hakiri} --help`,
    `It is yours to keep; to be rid of it: rm -r ${project}`,
  ].join("\n"),
);
