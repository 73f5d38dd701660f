/** Claims between real processes: the operating system alone says who holds one. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { lockClaims } from "../../src/catalog/claims.ts";
import { caught } from "../core/caught.ts";
import { startLockProcess } from "./other-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("a claim", () => {
  test("is held once in a process, however often it is asked for", () => {
    const claims = lockClaims(temporaryFolder());
    const first = claims.take("p1");
    expect(first).not.toBeNull();
    expect(claims.take("p1")).toBeNull();
    expect(claims.take("p1")).toBeNull();
    first?.release();
    first?.release();
    const second = claims.take("p1");
    expect(second).not.toBeNull();
    second?.release();
  });

  test("is the pipeline's own", () => {
    const claims = lockClaims(temporaryFolder());
    const held = [claims.take("p1"), claims.take("p2")];
    expect(held).not.toContain(null);
    for (const claim of held) claim?.release();
  });

  test("of another process is free the moment that process is killed", async () => {
    const folder = temporaryFolder();
    const claims = lockClaims(folder);
    const other = await startLockProcess("claim", folder, "p1");
    expect(claims.take("p1")).toBeNull();
    await other.kill();
    const mine = claims.take("p1");
    expect(mine).not.toBeNull();
    mine?.release();
  });

  test("of a stopped process is held as long as that lives", async () => {
    const folder = temporaryFolder();
    const claims = lockClaims(folder);
    const other = await startLockProcess("claim", folder, "p1");
    other.child.kill("SIGSTOP");
    expect(claims.take("p1")).toBeNull();
    await other.kill();
    const mine = claims.take("p1");
    expect(mine).not.toBeNull();
    mine?.release();
  });

  test("isn't inherited by the children of its holder", async () => {
    const folder = temporaryFolder();
    const other = await startLockProcess("child", folder, "p1");
    const grandchild = Number.parseInt(other.said, 10);
    onTestFinished(() => void process.kill(grandchild, "SIGKILL"));
    expect(lockClaims(folder).take("p1")).toBeNull();
    await other.kill();
    const mine = lockClaims(folder).take("p1");
    expect(mine).not.toBeNull();
    mine?.release();
  });

  test("survives that others of its process ask for it and are refused", async () => {
    const folder = temporaryFolder();
    const claims = lockClaims(folder);
    const mine = claims.take("p1");
    expect(claims.take("p1")).toBeNull();
    const other = startLockProcess("claim", folder, "p1");
    await expect(other).rejects.toThrow("expected the process to be ready");
    mine?.release();
  });

  test("writes nothing into its file, and nothing beside it", async () => {
    const folder = temporaryFolder();
    const mine = lockClaims(folder).take("p1");
    const other = await startLockProcess("claim", folder, "p2");
    expect(readdirSync(join(folder, "claims"))).toEqual(["p1.lock", "p2.lock"]);
    await other.kill();
    mine?.release();
    expect(readdirSync(join(folder, "claims"))).toEqual(["p1.lock", "p2.lock"]);
    expect(readFileSync(join(folder, "claims", "p1.lock")).length).toBe(0);
  });

  test("of a file that something wrote into names the file", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "claims"));
    writeFileSync(join(folder, "claims", "p1.lock"), "something ".repeat(100));
    const error = caught(() => lockClaims(folder).take("p1"));
    expect(error.code).toBe("store.damaged_lock");
    expect(error.message).toContain(join(folder, "claims", "p1.lock"));
  });

  test("of a store that can't have claims names the folder", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const error = caught(() => lockClaims(join(folder, "file", "store")).take("p1"));
    expect(error.message).toContain(join(folder, "file", "store"));
  });

  test.each(["", "../p1", "P1", "a/b", "p".repeat(65)])("takes no path for an id: '%s'", (id) => {
    expect(() => lockClaims(temporaryFolder()).take(id)).toThrow("expected the id of a pipeline");
  });
});
