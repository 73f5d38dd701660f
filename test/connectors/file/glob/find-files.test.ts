/** Finding files: links, hidden names, what is refused, and the order. */
import { execFileSync } from "node:child_process";
import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findFiles, type FileSearch } from "../../../../connectors/file/glob/find-files.ts";
import { withFolder } from "../../../context/temporary-folder.ts";
import { rejectionOf } from "../../../context/thrown.ts";

/** Writes empty files, with the folders that they need. */
async function make(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "");
  }
}

function search(project: string, rest: Partial<FileSearch>): FileSearch {
  return { project, paths: [], globs: [], signal: new AbortController().signal, ...rest };
}

async function namesOf(project: string, ...globs: readonly string[]): Promise<readonly string[]> {
  const { files } = await findFiles(search(project, { globs }));
  return files.map(({ name }) => name);
}

test("files come in the order of their names, whatever found them", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["b.csv", "a.csv", "C.csv", "sub/a.csv", "é.csv", "a b'\".csv"]);
    const order = ["C.csv", "a b'\".csv", "a.csv", "b.csv", "é.csv"];
    expect(await namesOf(folder, "*.csv")).toEqual(order);
    expect(await namesOf(folder, "b*", "a*", "*.csv")).toEqual(order);
  });
});

test("two stars are any folders, none included", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["x.csv", "a/x.csv", "a/b/x.csv", "a/b/y.csv", "a/.git/x.csv"]);
    expect(await namesOf(folder, "**/x.csv")).toEqual(["a/b/x.csv", "a/x.csv", "x.csv"]);
    expect(await namesOf(folder, "**/**/x.csv")).toHaveLength(3);
    expect(await namesOf(folder, "a/**/x.csv")).toEqual(["a/b/x.csv", "a/x.csv"]);
    expect(await namesOf(folder, "a/**")).toEqual(["a/b/x.csv", "a/b/y.csv", "a/x.csv"]);
    expect(await namesOf(folder, "*/b/{x,y}.csv")).toEqual(["a/b/x.csv", "a/b/y.csv"]);
    expect(await namesOf(folder, "a/.git/*")).toEqual(["a/.git/x.csv"]);
  });
});

test("folders that a pattern matches are passed over", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a.csv", "folder.csv/inner.csv"]);
    expect(await namesOf(folder, "*.csv")).toEqual(["a.csv"]);
  });
});

test("a file outside of the project is named from there", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["data/a.csv", "project/b.csv"]);
    expect(await namesOf(join(folder, "project"), "../data/*.csv")).toEqual(["../data/a.csv"]);
    expect(await namesOf(join(folder, "project"), `${folder}/data/*`)).toEqual(["../data/a.csv"]);
  });
});

test("a path is literal, whatever characters are in it", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a[1].csv", "a1.csv", "x*.csv", "{a,b}.csv", ".hidden.csv"]);
    const paths = ["a[1].csv", "x*.csv", "{a,b}.csv", ".hidden.csv"];
    const { files } = await findFiles(search(folder, { paths }));
    expect(files.map(({ name }) => name)).toEqual(paths.toSorted());
  });
});

test("a file is found once: by its own name, or else by the first of its links", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["z.csv", "outside/o.csv"]);
    await symlink("z.csv", join(folder, "a.csv"));
    await symlink("outside/o.csv", join(folder, "c.csv"));
    await symlink("outside/o.csv", join(folder, "b.csv"));
    await symlink("nowhere", join(folder, "dangling.csv"));
    await symlink("self.csv", join(folder, "self.csv"));
    expect(await namesOf(folder, "*.csv")).toEqual(["b.csv", "z.csv"]);
    expect(await namesOf(folder, "**/*.csv")).toEqual(["outside/o.csv", "z.csv"]);
  });
});

test("two names of one file that aren't links to each other are two files", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a.csv"]);
    await link(join(folder, "a.csv"), join(folder, "b.csv"));
    expect(await namesOf(folder, "*.csv")).toEqual(["a.csv", "b.csv"]);
  });
});

test("links between folders that make a circle end", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a/x.csv", "b/y.csv"]);
    await symlink("../b", join(folder, "a/to-b"));
    await symlink("../a", join(folder, "b/to-a"));
    await symlink(".", join(folder, "a/self"));
    expect(await namesOf(folder, "**/*.csv")).toEqual(["a/x.csv", "b/y.csv"]);
    expect(await namesOf(folder, "a/**/*.csv")).toEqual(["a/to-b/y.csv", "a/x.csv"]);
  });
});

test("a path that isn't there is told, a folder or pipe is refused", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["sub/a.csv"]);
    execFileSync("mkfifo", [join(folder, "pipe.csv")]);
    const { missing } = await findFiles(search(folder, { paths: ["sub/b.csv"] }));
    expect(missing).toEqual([join(folder, "sub/b.csv")]);
    const asFolder = await rejectionOf(findFiles(search(folder, { paths: ["sub"] })));
    expect(asFolder).toMatchObject({ code: "file.not_a_file" });
    expect(asFolder.hint).toContain("sub/*.csv");
    const asPipe = await rejectionOf(findFiles(search(folder, { globs: ["*.csv"] })));
    expect(asPipe).toMatchObject({ code: "file.not_a_file", where: { file: "pipe.csv" } });
  });
});

test("a socket is refused", async () => {
  await withFolder(async (folder) => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(folder, "s.csv"), resolve);
    });
    try {
      const refused = await rejectionOf(findFiles(search(folder, { globs: ["*.csv"] })));
      expect(refused).toMatchObject({ code: "file.not_a_file" });
    } finally {
      server.close();
    }
  });
});

test("a folder that isn't there is an error, so that its files don't count as gone", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a.csv"]);
    for (const rest of [
      { globs: ["data/*.csv"] },
      { paths: ["data/x.csv"] },
      { globs: ["a.csv/*"] },
    ]) {
      const refused = await rejectionOf(findFiles(search(folder, rest)));
      expect(refused).toMatchObject({ code: "usage.missing_folder" });
    }
  });
});

test("there are at most so many files", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a.csv", "b.csv", "c.csv"]);
    const found = await findFiles(search(folder, { globs: ["*.csv"], filesMax: 3 }));
    expect(found.files).toHaveLength(3);
    const refused = await rejectionOf(findFiles(search(folder, { globs: ["*"], filesMax: 2 })));
    expect(refused).toMatchObject({ code: "file.too_many" });
  });
});

test("a name that isn't UTF-8 is refused", async () => {
  await withFolder(async (folder) => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/x`), Buffer.of(0xff), Buffer.from(".csv")]);
    await writeFile(bytes, "");
    const refused = await rejectionOf(findFiles(search(folder, { globs: ["*.csv"] })));
    expect(refused).toMatchObject({ code: "file.bad_name" });
  });
});

test("an aborted search stops", async () => {
  await withFolder(async (folder) => {
    await make(folder, ["a/x.csv"]);
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(findFiles(search(folder, { globs: ["**/*.csv"], signal }))).rejects.toThrow(
      "stop",
    );
  });
});
