/** Checks the Postgres driver of the catalog: it must be refused by a port nobody listens on. */
import { createServer, type AddressInfo } from "node:net";
import pg from "pg";

/** Connects to a port that was just given back, and tells the error. */
export async function checkPostgres(): Promise<string> {
  const port = await freePort();
  const client = new pg.Client({ host: "127.0.0.1", port, connectionTimeoutMillis: 5000 });
  const outcome = await client.connect().then(
    () => "connected",
    (error: unknown) => (error as { code?: string }).code ?? "an error without a code",
  );
  if (outcome !== "ECONNREFUSED") throw new Error(`expected ECONNREFUSED, got ${outcome}`);
  return "a closed port is refused";
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
