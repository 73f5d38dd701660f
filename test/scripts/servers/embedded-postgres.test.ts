/** A throwaway server: it starts, restarts with its data, and leaves nothing behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { connect, type NetConnectOpts } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { startPostgres } from "../../../scripts/servers/embedded-postgres.ts";

test("a server takes connections by TCP and by its socket, and leaves nothing behind", async () => {
  const server = await startPostgres({ password: "it's", settings: { max_connections: 7 } });
  const { port, socketFolder, dataFolder } = server;
  expect(server.url).toBe(`postgres://postgres:it's@127.0.0.1:${port}/postgres`);
  expect(await answers({ host: "127.0.0.1", port })).toBe("N");
  expect(await answers({ path: join(socketFolder, `.s.PGSQL.${port}`) })).toBe("N");
  const before = server.processId();
  await server.restart("immediate");
  expect(server.log()).toContain("was not properly shut down");
  expect(await answers({ host: "127.0.0.1", port })).toBe("N");
  expect(isAlive(before)).toBe(false);
  const after = server.processId();
  await server.stop();
  await server.stop();
  expect(isAlive(after)).toBe(false);
  expect(existsSync(dataFolder)).toBe(false);
});

test("a server dies with the process that started it, however that goes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = fileURLToPath(new URL("./starts-and-hangs.ts", import.meta.url));
  // The programs' user must come through.
  await chmod(folder, 0o755);
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: folder },
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const pid = Number(said.toString());
  expect(isAlive(pid)).toBe(true);
  child.kill("SIGKILL");
  await vi.waitFor(
    async () => {
      expect(isAlive(pid)).toBe(false);
      expect(await readdir(folder)).toEqual([]);
    },
    { timeout: 20_000 },
  );
});

test("a server that can't start says why", async () => {
  const starting = startPostgres({ settings: { no_such_setting: 1 } });
  await expect(starting).rejects.toThrow("no_such_setting");
});

/** What the server says to a request for TLS. */
async function answers(at: NetConnectOpts): Promise<string> {
  const socket = connect(at);
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [byte] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return byte.toString();
}

/** A zombie, whose parent has yet to look, is dead. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${String(pid)}/status`;
  return !existsSync(status) || !readFileSync(status, "utf8").includes("State:\tZ");
}
