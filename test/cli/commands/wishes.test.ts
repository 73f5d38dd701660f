/** What a call of ingest asks for: kept where the source has it, and forgotten where it hasn't. */
import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

async function projectWith(files: Readonly<Record<string, string>>): Promise<TestProject> {
  const project = await testProject(files);
  projects.push(project);
  return project;
}

const codeOf = (document: Json): Json =>
  (document as { readonly error: { readonly code: Json } }).error.code;

describe("a call that the source refuses", () => {
  const wrong = [
    [["--incremental", "nope"], "usage.unknown_column"],
    [["--incremental", "id"], "usage.no_cursor_column"],
    [["--primary-key", "zz"], "usage.unknown_column"],
    [["--stream", "nope"], "usage.unknown_stream"],
    [["--as", 'Select "quoted"/x'], "usage.table_name"],
    [["--mode", "merge"], "usage.key_needed"],
  ] as const;

  test.each(wrong)("%j leaves nothing of it behind, first or later", async (flags, code) => {
    const project = await projectWith({ "i.csv": "id,v\n1,a\n" });
    const refused = async (): Promise<void> => {
      expect(codeOf(await project.document(2, "ingest", "i.csv", ...flags))).toBe(code);
    };
    await refused();
    expect(await project.document(0, "ingest", "i.csv")).toMatchObject({ snapshot_id: 1 });
    await refused();
    await project.write("i.csv", "id,v\n1,a\n2,b\n");
    expect(await project.document(0, "ingest", "i.csv")).toMatchObject({
      tables: [{ table: "i", inserted: 2, deleted: 1 }],
    });
  });

  test("by another key than the table has keeps the key it has", async () => {
    const project = await projectWith({ "i.csv": "id,v\n1,a\n" });
    const merge = ["ingest", "i.csv", "--mode", "merge", "--primary-key"];
    await project.document(0, ...merge, "id");
    await project.write("i.csv", "id,v\n1,a\n2,b\n");
    expect(codeOf(await project.document(4, ...merge, "v"))).toBe("schema.changed_key");
    await project.document(0, "ingest", "i.csv");
  });
});

describe("a stream that was read and gets another table", () => {
  test("by --as is refused, until it is read from its start", async () => {
    const project = await projectWith({ "k2.csv": "id\n1\n" });
    await project.document(0, "ingest", "k2.csv");
    const moving = ["ingest", "k2.csv", "--as", "k3"];
    expect(await project.document(8, ...moving)).toMatchObject({
      error: {
        code: "conflict.table_moved",
        hint: expect.stringContaining("--namespace") as string,
      },
    });
    // The pipeline is as it was.
    await project.write("k2.csv", "id\n1\n2\n");
    expect(await project.document(0, "ingest", "k2.csv")).toMatchObject({
      tables: [{ table: "k2", inserted: 2 }],
    });
    expect(await project.document(0, ...moving, "--namespace", "n")).toMatchObject({
      tables: [{ table: "n.k3", inserted: 2 }],
    });
    await project.document(0, "state", "rewind", "k2", "--stream", "k2");
    expect(await project.document(0, ...moving)).toMatchObject({
      tables: [{ table: "k3", inserted: 2 }],
    });
  });

  test("by its file is refused, but for a full refresh", async () => {
    const file = (table: string): string =>
      pipelineOf(`path = "k2.csv"\nstream = "s"\n[[streams]]\nstream = "s"\ntable = "${table}"`);
    const project = await projectWith({ "k2.csv": "id\n1\n", "pipelines/p.toml": file("k2") });
    await project.document(0, "run", "p");
    await project.write("pipelines/p.toml", file("k3"));
    expect(codeOf(await project.document(8, "run", "p"))).toBe("conflict.table_moved");
    expect(codeOf(await project.document(8, "run", "p"))).toBe("conflict.table_moved");
    const refreshed = await project.document(0, "run", "p", "--full-refresh");
    expect(refreshed).toMatchObject({ tables: [{ table: "k3", inserted: 1 }] });
    await project.document(0, "run", "p");
  });
});
