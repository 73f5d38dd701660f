/** Secrets from the environment and from files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  secretBytesMax,
  systemSecrets,
  type SecretPlaces,
} from "../../src/platform/system-secrets.ts";

function secretsIn(places: Partial<SecretPlaces>, warnings: string[] = []) {
  return systemSecrets({
    environment: {},
    inline: new Map(),
    folder: "/",
    warn: (line) => warnings.push(line),
    ...places,
  });
}

function folderWith(name: string, content: string | Uint8Array, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), "hakiri-secrets-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), mode);
  return folder;
}

describe("a secret of the environment", () => {
  test("is the variable's value, or that of this run", async () => {
    const environment = { A: " a\n", B: "b" };
    const secrets = secretsIn({ environment, inline: new Map([["B", "inline"]]) });
    expect(await secrets.resolve({ env: "A" })).toBe(" a\n");
    expect(await secrets.resolve({ env: "B" })).toBe("inline");
  });

  test.each(["MISSING", "EMPTY", "toString"])("that isn't there is named: %s", async (env) => {
    const secrets = secretsIn({ environment: { EMPTY: "" } });
    await expect(secrets.resolve({ env })).rejects.toMatchObject({
      kind: "AuthExpired",
      code: "secret.missing",
      message: expect.stringContaining(env) as string,
      hint: expect.stringContaining(`export ${env}=`) as string,
    });
  });
});

describe("a secret in a file", () => {
  test.each([
    ["hunter2", "hunter2"],
    ["hunter2\n", "hunter2"],
    ["hunter2\r\n", "hunter2"],
    ["hunter2\n\n", "hunter2\n"],
    [" hunter2 ", " hunter2 "],
  ])("%j is %j", async (content, secret) => {
    const secrets = secretsIn({ folder: folderWith("key", content) });
    expect(await secrets.resolve({ file: "key" })).toBe(secret);
  });

  test("is as long as the bound and no longer", async () => {
    const folder = folderWith("key", "x".repeat(secretBytesMax));
    const secrets = secretsIn({ folder });
    expect(await secrets.resolve({ file: join(folder, "key") })).toHaveLength(secretBytesMax);
    writeFileSync(join(folder, "key"), "x".repeat(secretBytesMax + 1));
    await expect(secrets.resolve({ file: "key" })).rejects.toMatchObject({
      code: "secret.too_large",
    });
  });

  test("that is missing or empty is named", async () => {
    const folder = folderWith("empty", "\n");
    const secrets = secretsIn({ folder });
    for (const file of ["empty", "missing", "empty/below"]) {
      const { message } = await secrets.resolve({ file }).then(
        () => ({ message: "none" }),
        (error: unknown) => error as Error,
      );
      expect(message).toContain(join(folder, file));
    }
    await expect(secrets.resolve({ file: "missing" })).rejects.toMatchObject({
      kind: "AuthExpired",
      code: "secret.missing",
    });
  });

  test("is text, of a file", async () => {
    const folder = folderWith("key", new Uint8Array([0xff, 0xfe]));
    mkdirSync(join(folder, "folder"));
    const secrets = secretsIn({ folder });
    await expect(secrets.resolve({ file: "key" })).rejects.toMatchObject({
      code: "secret.not_text",
    });
    await expect(secrets.resolve({ file: "folder" })).rejects.toMatchObject({ kind: "Permanent" });
  });

  test("that others may read is warned of once, without the secret", async () => {
    const warnings: string[] = [];
    const secrets = secretsIn({ folder: folderWith("key", "hunter2", 0o640) }, warnings);
    await secrets.resolve({ file: "key" });
    await secrets.resolve({ file: "key" });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("chmod 600");
    expect(warnings[0]).not.toContain("hunter2");
    const quiet: string[] = [];
    await secretsIn({ folder: folderWith("key", "x") }, quiet).resolve({ file: "key" });
    expect(quiet).toEqual([]);
  });
});
