/** Checks msgpackr over a socket pair on the loopback: one frame there, one back. */
import { connect, createServer, type AddressInfo } from "node:net";
import { Packr } from "msgpackr";

/** Sends one packed entry through TCP and reads it back by value. */
export async function checkFrames(): Promise<string> {
  const packr = new Packr({ useRecords: false });
  const server = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const socket = connect(port, "127.0.0.1");
  try {
    const sent = packr.pack([1, 2n ** 40n, "commit_snapshot"]);
    socket.write(sent);
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]); // bytes: no encoding is set
      if (received.length >= sent.length) break;
    }
    const entry: unknown = packr.unpack(received);
    return `an entry of ${sent.length} bytes came back as ${JSON.stringify(entry, exact)}`;
  } finally {
    socket.destroy();
    server.close();
  }
}

const exact = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;
