/** Free ports of the loopback interface for servers that must be told theirs. */
import { createServer } from "node:net";

// Below Linux's range for outgoing connections (32768 and up), so that none of them takes a port
// between this look and the server's own bind.
const firstPort = 15_000;
const lastPort = 31_999;
const attemptsMax = 100;

/**
 * Finds a TCP port that nothing listens on at 127.0.0.1. It isn't reserved: bind it soon.
 * @throws Error after 100 taken ports in a row.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1));
    if (await mayListen(port)) return port;
  }
  throw new Error(`expected a free port between ${firstPort} and ${lastPort}, found none`);
}

function mayListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
