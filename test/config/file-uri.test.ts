/** Paths, patterns and `file:` URLs as sources. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import type { Place } from "../../src/config/connector-uri.ts";
import { fileUri } from "../../src/config/file-uri.ts";
import { scratchFolder } from "./scratch-folder.ts";

const placeIn = (project: string, cwd = project): Place => ({ project, cwd, home: project });

async function settingsOf(uri: string, place: Place): Promise<Record<string, unknown>> {
  return { ...(await fileUri.parse(uri, place)).settings };
}

async function identityOf(uri: string, place: Place): Promise<string> {
  return fileUri.identify((await fileUri.parse(uri, place)).settings, place);
}

async function errorOf(work: Promise<unknown>): Promise<HakiriError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof HakiriError) return error;
  throw new Error("expected a refusal", { cause: error });
}

describe("one file", () => {
  test("is the same however it is named", async () => {
    const folder = scratchFolder(["data/orders.csv"]);
    symlinkSync(join(folder, "data"), join(folder, "link"));
    const names = [
      "data/orders.csv",
      "./data/../data/orders.csv",
      join(folder, "data/orders.csv"),
      "link/orders.csv",
      "~/data/orders.csv",
      `file://${folder}/data/orders.csv`,
      `FILE:${folder}/data/orders.csv`,
      `file://localhost${folder}/data/o%72ders.csv`,
      "file:data/orders.csv",
      "data/orders.csv#",
    ];
    for (const name of names) {
      const settings = await settingsOf(name, placeIn(folder));
      expect(settings, name).toEqual({ path: "data/orders.csv", stream: "orders" });
      expect(await identityOf(name, placeIn(folder)), name).toBe("file:data/orders.csv");
    }
  });

  test("is found from a folder below the project and named from the project", async () => {
    const folder = scratchFolder(["a/b/orders.csv", "c/x.csv"]);
    const place = placeIn(folder, join(folder, "a"));
    expect(await settingsOf("b/orders.csv", place)).toMatchObject({ path: "a/b/orders.csv" });
    expect(await settingsOf("../c/x.csv", place)).toMatchObject({ path: "c/x.csv" });
  });

  test("may be outside the project", async () => {
    const folder = scratchFolder(["project/hakiri.toml", "x.csv"]);
    const place = placeIn(join(folder, "project"));
    expect(await settingsOf("../x.csv", place)).toMatchObject({ path: "../x.csv" });
    expect(await identityOf("../x.csv", place)).toBe("file:../x.csv");
  });

  test("keeps its identity when it is gone", async () => {
    const folder = scratchFolder(["data/orders.csv"]);
    symlinkSync(join(folder, "data"), join(folder, "link"));
    const place = placeIn(folder);
    expect(await fileUri.identify({ path: "link/gone.csv" }, place)).toBe("file:data/gone.csv");
  });

  test.each(["a[1].csv", "a*.csv", "{a,b}.csv", "a?.csv", "a#b.csv", "C#/x.json", "50%.csv"])(
    "may be called %s",
    async (name) => {
      const folder = scratchFolder([name, "a1.csv"]);
      expect(await settingsOf(name, placeIn(folder))).toMatchObject({ path: name });
    },
  );

  test("has one identity with a pointer and one without, whatever is in its name", async () => {
    const folder = scratchFolder(["x.json", "x.json#/a/y"]);
    const identities = await Promise.all(
      ["x.json", "x.json#/a", "x.json#/a/y", "x.json#/a/y#/b"].map((name) =>
        identityOf(name, placeIn(folder)),
      ),
    );
    expect(identities).toEqual([
      "file:x.json",
      "file:x.json#/a",
      "file:x.json%23/a/y",
      "file:x.json%23/a/y#/b",
    ]);
  });
});

describe("a pointer", () => {
  test.each([
    ["x.json#/packages", "/packages", "packages"],
    ["C#/x.json#/a~1b/0", "/a~1b/0", "a_b"],
    ["file:x.json#/a%20b", "/a b", "a_b"],
    ["*.json#/items", "/items", "items"],
  ])("is cut from %s", async (uri, pointer, stream) => {
    const folder = scratchFolder(["x.json", "C#/x.json"]);
    expect(await settingsOf(uri, placeIn(folder))).toMatchObject({ pointer, stream });
  });

  test("that RFC 6901 doesn't know is refused", async () => {
    const folder = scratchFolder(["x.json"]);
    const { code, hint } = await errorOf(fileUri.parse("x.json#/a~2", placeIn(folder)));
    expect(code).toBe("usage.invalid_uri");
    expect(hint).toContain("~0");
  });
});

describe("a pattern", () => {
  test("has its fixed folders resolved and the rest as it is", async () => {
    const folder = scratchFolder(["data/2024/orders-1.csv"]);
    symlinkSync(join(folder, "data"), join(folder, "link"));
    const place = placeIn(folder);
    expect(await settingsOf("link/20*/orders-*.csv", place)).toEqual({
      glob: "data/20*/orders-*.csv",
      stream: "orders",
    });
    expect(await identityOf("./link/**/*.{csv,json}", place)).toBe("glob:data/**/*.{csv,json}");
  });

  test("may match nothing yet, but its folder is there", async () => {
    const folder = scratchFolder(["data/a.csv"]);
    expect(await settingsOf("data/*.json", placeIn(folder))).toMatchObject({ glob: "data/*.json" });
    const { code, message, hint } = await errorOf(fileUri.parse("dat/*.csv", placeIn(folder)));
    expect(code).toBe("usage.missing_file");
    expect(message).toContain(`'${folder}/dat'`);
    expect(hint).toBe(`did you mean '${folder}/data'?`);
  });

  test("under a link to a folder with such signs in its name is refused", async () => {
    const folder = scratchFolder(["a[1]/x.csv"]);
    symlinkSync(join(folder, "a[1]"), join(folder, "link"));
    const { code } = await errorOf(fileUri.parse("link/*.csv", placeIn(folder)));
    expect(code).toBe("usage.invalid_uri");
  });
});

describe("what is no file", () => {
  test.each([
    ["data/ordres.csv", "data/orders.csv"],
    ["data/orders", "data/orders.csv"],
    ["dta/orders.csv", "data"],
    ["data/ORDERS.CSV", "data/orders.csv"],
    ["file:data/ordres.csv", "data/orders.csv"],
    ["data/ordres.csv#/a", "data/orders.csv"],
  ])("%s names the whole path and what is there instead", async (name, near) => {
    const folder = scratchFolder(["data/orders.csv"]);
    const { code, message, hint } = await errorOf(fileUri.parse(name, placeIn(folder)));
    expect(code).toBe("usage.missing_file");
    const path = name.replace("file:", "").replace(/#.*/u, "");
    expect(message).toBe(`expected a file at '${folder}/${path}', got nothing there`);
    expect(hint).toBe(`did you mean '${join(folder, near)}'?`);
  });

  test("gets a plain hint where nothing is like it", async () => {
    const folder = scratchFolder(["data/orders.csv"]);
    const { hint } = await errorOf(fileUri.parse("data/zzzzzzzzz", placeIn(folder)));
    expect(hint).toBe("check the path");
  });

  test("is a folder, for which a pattern is proposed", async () => {
    const folder = scratchFolder(["data/a.json", "data/b.json.gz", "data/c.json", "data/d.csv"]);
    mkdirSync(join(folder, "empty"));
    const { code, hint } = await errorOf(fileUri.parse("data", placeIn(folder)));
    expect(code).toBe("usage.not_a_file");
    expect(hint).toContain("'data/*.json'");
    expect((await errorOf(fileUri.parse("empty/", placeIn(folder)))).hint).toContain("*.csv");
  });

  test("is a device", async () => {
    const { message } = await errorOf(fileUri.parse("/dev/null", placeIn("/")));
    expect(message).toContain("neither file nor folder");
  });

  test.each([
    "file://server/share/x.csv",
    "file:///x.csv?a=b",
    "file:",
    "file:///a%2Fb",
    "file:///%00",
    "file:///%ff",
  ])("is no good URL: %s", async (url) => {
    expect((await errorOf(fileUri.parse(url, placeIn("/")))).code).toBe("usage.invalid_uri");
  });

  test("is in a home that nobody knows", async () => {
    const place = { project: "/", cwd: "/", home: null };
    expect((await errorOf(fileUri.parse("~/x.csv", place))).code).toBe("usage.invalid_uri");
  });

  test.each(["postgres//me:hunter2@host/db", "https//hunter2@host/x", "x?password=hunter2"])(
    "never says what may be a secret: %s",
    async (text) => {
      const error = await errorOf(fileUri.parse(text, placeIn(scratchFolder([]))));
      expect(JSON.stringify(error.toRecord())).not.toContain("hunter2");
    },
  );
});

describe("settings that were written by hand", () => {
  test.each([
    {},
    { path: "" },
    { path: 1 },
    { path: [] },
    { path: ["a", ""] },
    { path: "a", glob: ["b", 1] },
    { path: "a", pointer: 1 },
  ])("name one source or are refused: %j", async (settings) => {
    const { code } = await errorOf(fileUri.identify(settings, placeIn("/")));
    expect(code).toBe("usage.invalid_config");
  });

  test("name several files and patterns, which are one source in any order", async () => {
    const place = placeIn(scratchFolder(["a.csv", "b%file:a.csv"]));
    const one = { path: ["b%file:a.csv", "a.csv"], glob: "*.csv" };
    const other = { path: ["./a.csv", "b%file:a.csv", "a.csv"], glob: ["*.csv"] };
    const identity = "file:a.csv%file:b%25file:a.csv%glob:*.csv";
    expect(await fileUri.identify(one, place)).toBe(identity);
    expect(await fileUri.identify(other, place)).toBe(identity);
    expect(await fileUri.identify({ path: ["a.csv"] }, place)).toBe("file:a.csv");
  });

  test("are the same source as the URI's", async () => {
    const folder = scratchFolder(["data/orders.csv"]);
    const place = placeIn(folder, join(folder, "data"));
    const byHand = await fileUri.identify({ path: "./data//orders.csv", delimiter: ";" }, place);
    expect(byHand).toBe(await identityOf("orders.csv", place));
  });
});
