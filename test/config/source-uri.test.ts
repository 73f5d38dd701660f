/** Which connector a URI is for, secrets out of it, and the key of a pipeline. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HakiriError, usageError } from "../../src/core/error.ts";
import type { ConnectorUri } from "../../src/config/connector-uri.ts";
import { equalNamesMax, freePipelineName, pipelineSlug } from "../../src/config/pipeline-name.ts";
import { defaultPipeline, pipelineNamePattern } from "../../src/config/pipeline-schema.ts";
import {
  keyOfSpec,
  pipelineKey,
  readSourceUri,
  uriLengthMax,
  withSecretReferences,
  type UriContext,
} from "../../src/config/source-uri.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** A database that isn't there: `ledger://user:password@host/book?api_key=..&page=..`. */
const ledger: ConnectorUri = {
  connector: "ledger",
  schemes: ["ledger", "ledgers"],
  parse: async (uri) => {
    const url = new URL(uri.replace(/^ledgers?:/iu, "ledger:"));
    if (url.hostname === "") throw usageError("invalid_uri", "expected a host", "");
    const query = Object.fromEntries(url.searchParams);
    return {
      settings: { host: url.hostname, book: url.pathname.slice(1), user: url.username, ...query },
      secrets: url.password === "" ? {} : { password: decodeURIComponent(url.password) },
      name: url.pathname,
    };
  },
  identify: async ({ host = "", book = "" }) => {
    if (typeof host !== "string" || typeof book !== "string") throw new Error("expected text");
    return `ledger://${host}/${book}`;
  },
};

const contextIn = (project: string): UriContext => ({
  connectors: [ledger],
  place: { project, cwd: project, home: null },
});

const read = (uri: string) => readSourceUri(uri, contextIn("/"));

async function errorOf(work: Promise<unknown>): Promise<HakiriError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof HakiriError) return error;
  throw new Error("expected a refusal", { cause: error });
}

describe("a URI", () => {
  test("of a connector becomes its settings, and secrets stand apart", async () => {
    const source = await read("LEDGERS://me:hun%40ter2@host/Our%20Book?api_key=k3y&page=5");
    expect(source.connector).toBe("ledger");
    expect(source.name).toBe("our_20book");
    expect(source.settings).toEqual({ host: "host", book: "Our%20Book", user: "me", page: "5" });
    expect([...source.secrets]).toEqual([
      ["api_key", "k3y"],
      ["password", "hun@ter2"],
    ]);
    expect(source.identity).toBe("ledger://host/Our%20Book");
  });

  test("without a scheme is a file's path", async () => {
    const folder = scratchFolder(["orders.csv", "odd:name.csv"]);
    const orders = await readSourceUri("orders.csv", contextIn(folder));
    expect(orders).toMatchObject({
      connector: "file",
      name: "orders",
      identity: "file:orders.csv",
    });
    const odd = await readSourceUri("odd:name.csv", contextIn(folder));
    expect(odd.settings).toMatchObject({ path: "odd:name.csv" });
  });

  test.each([
    ["ledgr://me:hunter2@host/x", "did you mean ledger://?"],
    ["mysql://me:hunter2@host/x", expect.stringContaining("databases come later")],
  ])("of an unknown scheme names those that there are: %s", async (uri, hint) => {
    const error = await errorOf(read(uri));
    expect(error.code).toBe("usage.unknown_scheme");
    expect(error.message).toContain("file:, ledger:, ledgers:, got ");
    expect(error.hint).toEqual(hint);
    expect(JSON.stringify(error.toRecord())).not.toContain("hunter2");
  });

  test("may be as long as its bound and no longer", async () => {
    const long = (length: number) => "ledger://host/".padEnd(length, "a");
    expect((await read(long(uriLengthMax))).connector).toBe("ledger");
    expect((await errorOf(read(long(uriLengthMax + 1)))).code).toBe("usage.invalid_uri");
  });

  test.each(["", "  ", "a\0b"])("is more than %j", async (uri) => {
    expect((await errorOf(read(uri))).code).toBe("usage.invalid_uri");
  });
});

describe("the secrets of a URI", () => {
  test("become references to variables that name pipeline and field", async () => {
    const source = await read("ledger://me:hunter2@host/book?api_key=k3y");
    const { settings, values } = withSecretReferences(source, "our-book", null);
    expect(settings).toMatchObject({
      password: { env: "HAKIRI_OUR_BOOK_PASSWORD" },
      api_key: { env: "HAKIRI_OUR_BOOK_API_KEY" },
    });
    expect(values.get("HAKIRI_OUR_BOOK_PASSWORD")).toBe("hunter2");
    expect(values.get("HAKIRI_OUR_BOOK_API_KEY")).toBe("k3y");
  });

  test("are never in what is stored or hashed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[A-Z]{12}[!-~]*$/u), async (secret) => {
        const uri = `ledger://me:${encodeURIComponent(secret)}@host/book`;
        const source = await read(uri);
        const { settings, values } = withSecretReferences(source, source.name, null);
        const stored = JSON.stringify([settings, source.identity, source.name]);
        expect(stored).not.toContain(secret.slice(0, 12));
        expect([...values.values()]).toEqual([secret]);
      }),
    );
  });

  test("that a later call leaves out stay the references that they were", async () => {
    const first = withSecretReferences(await read("ledger://me:pw@host/book"), "book", null);
    const stored = { source: { ...first.settings, token: { file: "t" }, page: "9" } };
    const later = withSecretReferences(await read("ledger://me@host/book"), "book", stored);
    expect(later.settings).toEqual({ ...first.settings, token: { file: "t" } });
    expect(later.values.size).toBe(0);
  });
});

describe("a pipeline's key", () => {
  test("is that of source and namespace, not of user or parameters", async () => {
    const keyOf = async (uri: string, namespace = "main") =>
      pipelineKey({ ...(await read(uri)), namespace });
    const key = await keyOf("ledger://me:pw@host/book?page=1");
    expect(key).toBe('["ledger","ledger://host/book","main"]');
    expect(await keyOf("ledger://you@host/book")).toBe(key);
    expect(await keyOf("ledger://you@host/other")).not.toBe(key);
    expect(await keyOf("ledger://you@host/book", "shop")).not.toBe(key);
  });

  test("is the same for a file in pipelines/ and for an ingest", async () => {
    const folder = scratchFolder(["data/a.csv"]);
    const context = contextIn(folder);
    const source = await readSourceUri("data/a.csv", context);
    const { name, connector } = source;
    const spec = { ...defaultPipeline, name, connector, source: { path: "./data/a.csv" } };
    expect(await keyOfSpec(spec, context)).toBe(pipelineKey({ ...source, namespace: "main" }));
  });

  test("needs a connector that is there", async () => {
    const spec = { ...defaultPipeline, name: "a", connector: "ledgr", source: {} };
    const { code, hint } = await errorOf(keyOfSpec(spec, contextIn("/")));
    expect(code).toBe("usage.unknown_connector");
    expect(hint).toBe("did you mean 'ledger'?");
  });
});

describe("a pipeline's name", () => {
  test("is always one that a file may say, or empty", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (words) => {
        const slug = pipelineSlug(words);
        if (slug !== "") expect(slug).toMatch(pipelineNamePattern);
      }),
    );
    expect(pipelineSlug("Bestellungen für Köln")).toBe("bestellungen_fur_koln");
    expect(pipelineSlug("订单")).toBe("");
  });

  test("is the connector's where the source has no Latin letter", async () => {
    const folder = scratchFolder(["订单.csv"]);
    expect((await readSourceUri("订单.csv", contextIn(folder))).name).toBe("file");
  });

  test("gets the first number that is free, up to the bound", async () => {
    const taken = new Set(["orders", "orders_2"]);
    expect(await freePipelineName("orders", async (name) => taken.has(name))).toBe("orders_3");
    const long = "a".repeat(63);
    expect(await freePipelineName(long, async (name) => name === long)).toBe(`${"a".repeat(61)}_2`);
    const last = async (name: string) => name !== `a_${equalNamesMax}`;
    expect(await freePipelineName("a", last)).toBe(`a_${equalNamesMax}`);
    const error = await errorOf(freePipelineName("a", async () => true));
    expect(error.code).toBe("usage.no_free_name");
  });
});
