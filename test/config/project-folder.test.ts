/** The files of a project. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import { configTextMax } from "../../src/config/document.ts";
import { defaultProject } from "../../src/config/parse-project.ts";
import {
  findProjectFolder,
  loadPipelines,
  loadProject,
  pipelineFilesMax,
  pipelineNamed,
  unknownPipeline,
} from "../../src/config/project-folder.ts";
import { scratchFolder } from "./scratch-folder.ts";

const good = 'connector = "file"\nsource.path = "a.csv"\n';

describe("the project's folder", () => {
  test("is the nearest one up with a project file or a store", async () => {
    const folder = scratchFolder([
      "p/hakiri.toml",
      "p/a/b/x",
      "q/.hakiri/x",
      "q/a/x",
      "p/s/.hakiri/x",
    ]);
    const found = (path: string) => findProjectFolder(join(folder, path));
    expect(await found("p")).toBe(join(folder, "p"));
    expect(await found("p/a/b")).toBe(join(folder, "p"));
    expect(await found("q")).toBe(join(folder, "q"));
    expect(await found("p/s")).toBe(join(folder, "p/s"));
    expect(await found("q/a")).toBe(join(folder, "q"));
    expect(await found("q/.hakiri")).toBe(join(folder, "q"));
    expect(await found("p/s/.hakiri")).toBe(join(folder, "p/s"));
  });
});

describe("a project's file", () => {
  test("may be missing", async () => {
    expect(await loadProject(scratchFolder([]))).toEqual(defaultProject());
  });

  test("is read up to its bound and not beyond", async () => {
    const folder = scratchFolder({ "hakiri.toml": "#".repeat(configTextMax) });
    expect(await loadProject(folder)).toEqual(defaultProject());
    writeFileSync(join(folder, "hakiri.toml"), "#".repeat(configTextMax + 1));
    await expect(loadProject(folder)).rejects.toMatchObject({ code: "usage.too_large" });
  });

  test("is UTF-8", async () => {
    const folder = scratchFolder([]);
    writeFileSync(join(folder, "hakiri.toml"), Buffer.from('name = "é"', "latin1"));
    await expect(loadProject(folder)).rejects.toMatchObject({ code: "usage.not_utf8" });
  });
});

describe("a project's pipelines", () => {
  test("are its TOML and JSON files, by name; a bad one doesn't hold up the others", async () => {
    const folder = scratchFolder({
      "pipelines/b.toml": good,
      "pipelines/a.json": '{"connector": "file", "source": {"path": "a.csv"}}',
      "pipelines/c.toml": 'connektor = "file"',
      "pipelines/.hidden.toml": "nonsense",
      "pipelines/notes.txt": "nonsense",
    });
    symlinkSync(join(folder, "pipelines/b.toml"), join(folder, "pipelines/link.toml"));
    symlinkSync(join(folder, "nowhere"), join(folder, "pipelines/gone.toml"));
    mkdirSync(join(folder, "pipelines/folder.toml"));
    const files = await loadPipelines(folder);
    expect(files.map(({ kind, file }) => `${kind} ${file}`)).toEqual([
      "valid pipelines/a.json",
      "valid pipelines/b.toml",
      "invalid pipelines/c.toml",
      "invalid pipelines/folder.toml",
      "invalid pipelines/gone.toml",
      "valid pipelines/link.toml",
    ]);
    expect(pipelineNamed(files, "b")?.name).toBe("b");
    expect(pipelineNamed(files, "nobody")).toBeNull();
    expect(() => pipelineNamed(files, "c")).toThrow(/pipelines\/c\.toml:1: connektor: /u);
  });

  test("are none where the folder is missing", async () => {
    expect(await loadPipelines(scratchFolder([]))).toEqual([]);
  });

  test("have names of their own", async () => {
    const folder = scratchFolder({
      "pipelines/a.toml": good,
      "pipelines/b.toml": `name = "a"\n${good}`,
      "pipelines/c.toml": good,
    });
    const files = await loadPipelines(folder);
    expect(files.map(({ kind }) => kind)).toEqual(["invalid", "invalid", "valid"]);
    expect(() => pipelineNamed(files, "a")).toThrow(/pipelines\/a\.toml, pipelines\/b\.toml/u);
  });

  test("that are broken are asked for by the name that they say", async () => {
    const folder = scratchFolder({
      "pipelines/x.toml": 'name = "orders"\nconnector = ',
      "pipelines/y.json": '{"name": "shop", "connector": 1, }',
    });
    const files = await loadPipelines(folder);
    expect(() => pipelineNamed(files, "orders")).toThrow(/x\.toml:2: expected TOML/u);
    expect(() => pipelineNamed(files, "shop")).toThrow(/y\.json: expected JSON|y\.json:1: /u);
  });

  test("are as many as the bound and no more", async () => {
    const names = Array.from(
      { length: pipelineFilesMax },
      (_, index) => `pipelines/p${index}.toml`,
    );
    const folder = scratchFolder(Object.fromEntries(names.map((name) => [name, good])));
    expect(await loadPipelines(folder)).toHaveLength(pipelineFilesMax);
    writeFileSync(join(folder, "pipelines/more.toml"), good);
    await expect(loadPipelines(folder)).rejects.toMatchObject({ code: "usage.too_many_pipelines" });
  });

  test.each([
    [["orders", "shop"], "did you mean 'orders'?"],
    [["shop"], "hakiri pipeline list"],
    [[], "make one: hakiri ingest FILE"],
  ])("unknown among %j get a hint", (known, hint) => {
    const error = unknownPipeline("order", known);
    expect(error).toBeInstanceOf(HakiriError);
    expect(error).toMatchObject({ code: "usage.unknown_pipeline", hint });
  });
});
