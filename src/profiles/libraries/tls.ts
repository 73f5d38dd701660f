/** Checks node:tls: one handshake on the loopback under a pre-shared key, without a certificate. */
import type { AddressInfo } from "node:net";

/** Shakes hands and tells protocol and cipher. */
export async function checkTls(): Promise<string> {
  const { connect, createServer } = await import("node:tls");
  const psk = Buffer.from("a key for the time of one check!");
  const options = { ciphers: "PSK", minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
  const server = createServer({ ...options, pskCallback: () => psk });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const socket = connect({
    ...options,
    host: "127.0.0.1",
    port,
    pskCallback: () => ({ psk, identity: "doctor" }),
    checkServerIdentity: () => undefined,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    return `${socket.getProtocol() ?? "no protocol"} with ${socket.getCipher().name}`;
  } finally {
    socket.destroy();
    server.close();
  }
}
