/** Streams of a process as outputs: slow readers, readers that leave, disks that are full. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { answerOutput, messageOutput } from "../../src/cli/output.ts";

const program = fileURLToPath(new URL("./programs/sample.ts", import.meta.url));

/** A stream whose writes end with this error. */
function failing(code: string): Writable {
  const error = Object.assign(new Error(`write ${code}`), { code });
  return new Writable({ write: (_chunk, _encoding, done) => done(error) });
}

test("a piece is written when the stream says so, and pieces are waited for one by one", async () => {
  const taken: string[] = [];
  let done = (): void => undefined;
  const slow = new Writable({
    write: (chunk, _encoding, next) => {
      taken.push(String(chunk));
      done = next;
    },
  });
  const output = answerOutput(slow);
  let isWritten = false;
  const first = output.write("a").then((isTaken) => {
    isWritten = true;
    return isTaken;
  });
  await new Promise(setImmediate);
  expect({ taken, isWritten }).toEqual({ taken: ["a"], isWritten: false });
  done();
  expect(await first).toBe(true);
  const second = output.write(Buffer.from("b"));
  await new Promise(setImmediate);
  done();
  expect(await second).toBe(true);
  expect(taken).toEqual(["a", "b"]);
});

describe("a stream that fails", () => {
  test("because its reader left answers so, and from then on at once", async () => {
    for (const outputOf of [answerOutput, messageOutput]) {
      const output = outputOf(failing("EPIPE"));
      expect(await output.write("a")).toBe(false);
      expect(await output.write("b")).toBe(false);
    }
  });

  test("because the disk is full fails the answer, never a message", async () => {
    await expect(answerOutput(failing("ENOSPC")).write("a")).rejects.toMatchObject({
      kind: "Permanent",
      code: "output.failed",
      message: expect.stringContaining("ENOSPC") as string,
    });
    expect(await messageOutput(failing("ENOSPC")).write("a")).toBe(false);
  });
});

test("only a terminal has columns, asked for each time", () => {
  const stream = Object.assign(new Writable(), { isTTY: true, columns: 70 });
  const output = answerOutput(stream);
  expect({ isTty: output.isTty, columns: output.columns() }).toEqual({ isTty: true, columns: 70 });
  stream.columns = 90;
  expect(output.columns()).toBe(90);
  const pipe = answerOutput(Object.assign(new Writable(), { columns: 70 }));
  expect({ isTty: pipe.isTty, columns: pipe.columns() }).toEqual({ isTty: false, columns: null });
});

describe("in a real process", () => {
  const pieceBytes = 64 * 1024;

  async function stream(pieces: number, readBytesMax: number) {
    const child = spawn(process.execPath, [program, "stream", String(pieces)]);
    let stderr = "";
    child.stderr.on("data", (piece) => (stderr += String(piece)));
    let size = 0;
    child.stdout.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size >= readBytesMax) child.stdout.destroy();
    });
    const [code] = (await once(child, "close")) as [number];
    return { code, size, stderr };
  }

  test("a streamed answer comes whole", async () => {
    const { code, size, stderr } = await stream(100, Number.POSITIVE_INFINITY);
    expect({ code, size, stderr }).toEqual({
      code: 0,
      size: 100 * pieceBytes,
      stderr: "made 100\n",
    });
  });

  test("a reader that leaves ends the work, as no failure", async () => {
    const { code, stderr } = await stream(1_000_000, 10 * pieceBytes);
    expect(code).toBe(0);
    const made = Number(/^made (\d+)\n$/u.exec(stderr)?.[1]);
    expect(made).toBeGreaterThanOrEqual(9);
    expect(made).toBeLessThan(10_000);
  });
});
