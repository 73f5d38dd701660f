/** A server that says what a test has it say, byte for byte, and keeps what it hears. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A running fake. */
export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** All that clients sent, after one another. */
  heard(): Buffer;
}

/** What it says to each piece it hears, first to the startup message; then it stays silent. */
export type Script = readonly (Uint8Array | ((heard: Buffer) => Uint8Array))[];

/** Starts a fake on a free port of loopback. */
export async function startFake(script: Script): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const parts: Buffer[] = [];
  const listener = createServer((socket) => {
    sockets.add(socket);
    let step = 0;
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      parts.push(bytes);
      const saying = script[step];
      step += 1;
      if (saying !== undefined) socket.write(typeof saying === "function" ? saying(bytes) : saying);
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  return {
    port: address.port,
    heard: () => Buffer.concat(parts),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await once(listener, "close");
    },
  };
}

/** A message of the server. */
export function said(letter: string, ...body: readonly (string | number | Uint8Array)[]): Buffer {
  const parts = body.map((part) => (typeof part === "number" ? int32(part) : Buffer.from(part)));
  const all = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(letter), int32(all.length + 4), all]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
