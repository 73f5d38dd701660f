/** The S3 server that the bucket's tests stand on, above all its conditional writes. */
import { createHash, randomBytes } from "node:crypto";

import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startRadosgw, type Radosgw } from "./servers/radosgw.ts";

const Bucket = "hakiri";
let radosgw: Radosgw;
let s3: S3Client;

beforeAll(async () => {
  radosgw = await startRadosgw();
  s3 = radosgw.createS3Client();
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3?.destroy();
  await radosgw?.stop();
});

test("an object of 5 MB comes back with the same digest", async () => {
  const body = randomBytes(5_000_000);
  await s3.send(new PutObjectCommand({ Bucket, Key: "digest", Body: body }));
  const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket, Key: "digest" }));
  expect(ContentLength).toBe(body.length);
  expect(sha256(await Body?.transformToByteArray())).toBe(sha256(body));
});

test("of 16 concurrent creations of one key exactly one wins and its bytes stay", async () => {
  const attempts = Array.from({ length: 16 }, (_, index) =>
    put("race", `writer ${index}`, { IfNoneMatch: "*" }),
  );
  const results = await Promise.allSettled(attempts);
  const winners = results.flatMap((result, index) =>
    result.status === "fulfilled" ? [index] : [],
  );
  expect(winners).toHaveLength(1);
  expect(refusals(results)).toEqual(Array.from({ length: 15 }, () => "PreconditionFailed"));
  expect(await read("race")).toBe(`writer ${winners[0]}`);
});

test("a compare-and-swap replaces the object whose ETag it names", async () => {
  const first = await put("head", "one");
  const second = await put("head", "two", { IfMatch: first });
  expect(second).not.toBe(first);
  expect(await read("head")).toBe("two");
});

test("a compare-and-swap with a stale ETag is refused and changes nothing", async () => {
  const stale = await put("stale", "one");
  await put("stale", "two", { IfMatch: stale });
  await expect(put("stale", "three", { IfMatch: stale })).rejects.toMatchObject({
    name: "PreconditionFailed",
    $metadata: { httpStatusCode: 412 },
  });
  expect(await read("stale")).toBe("two");
});

test("of 8 concurrent swaps from one ETag at most one wins, and its bytes stay", async () => {
  const start = await put("swap", "start");
  const attempts = Array.from({ length: 8 }, (_, index) =>
    put("swap", `writer ${index}`, { IfMatch: start }),
  );
  const results = await Promise.allSettled(attempts);
  const winners = results.flatMap((result, index) =>
    result.status === "fulfilled" ? [index] : [],
  );
  // A 500 says nothing about the outcome (R3), so what is stored decides.
  const stored = await read("swap");
  const unknown = refusals(results).filter((name) => name !== "PreconditionFailed");
  expect(winners.length).toBeLessThanOrEqual(1);
  if (winners.length === 1) expect(stored).toBe(`writer ${winners[0]}`);
  else expect(unknown.length).toBeGreaterThan(0);
});

test("an ETag sent with its quotes is refused, so the client takes them off", async () => {
  const etag = await put("quoted", "one");
  expect(etag).toMatch(/^".*"$/);
  const literal = radosgw.createS3Client();
  literal.middlewareStack.remove("unquoteIfMatch");
  const swap = new PutObjectCommand({ Bucket, Key: "quoted", Body: "two", IfMatch: etag });
  try {
    await expect(literal.send(swap)).rejects.toMatchObject({ name: "PreconditionFailed" });
  } finally {
    literal.destroy();
  }
});

test("a listing comes in pages that hold every key once, in order", async () => {
  const keys = Array.from({ length: 25 }, (_, index) => `list/${String(index).padStart(3, "0")}`);
  await Promise.all(keys.map((key) => put(key, key)));
  const request = { Bucket, Prefix: "list/" };
  const listed: (string | undefined)[] = [];
  let pageCount = 0;
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 10 }, request)) {
    pageCount++;
    listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
  }
  expect(pageCount).toBe(3);
  expect(listed).toEqual(keys);
});

test("a request signed with a wrong secret is refused", async () => {
  const { accessKeyId } = radosgw.credentials;
  const stranger = radosgw.createS3Client({
    credentials: { accessKeyId, secretAccessKey: "wrong" },
  });
  try {
    await expect(stranger.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
  } finally {
    stranger.destroy();
  }
});

type Condition = { IfMatch: string } | { IfNoneMatch: "*" };

/** Returns the new ETag, quoted as it came. */
async function put(key: string, text: string, condition?: Condition): Promise<string> {
  const command = new PutObjectCommand({ Bucket, Key: key, Body: text, ...condition });
  const { ETag } = await s3.send(command);
  if (ETag === undefined) throw new Error(`expected an ETag for ${key}`);
  return ETag;
}

async function read(key: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
  return Body?.transformToString();
}

function refusals(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.flatMap((result) =>
    result.status === "rejected" && result.reason instanceof Error ? [result.reason.name] : [],
  );
}

function sha256(bytes: Uint8Array | undefined): string | undefined {
  return bytes && createHash("sha256").update(bytes).digest("hex");
}
