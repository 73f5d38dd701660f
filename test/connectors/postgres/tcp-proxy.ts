/** A proxy before a server: it passes bytes on, until it cuts its connections or falls silent. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A running proxy. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly password: string;
  /** How many connections it took so far. */
  readonly connections: number;
  /** How many bytes it keeps from the clients. */
  readonly held: number;
  /** Ends every connection at once. */
  cut(): void;
  /** Passes nothing on from now on. */
  stall(): void;
}

/** Starts a proxy on a free port of loopback. */
export async function startProxy(server: {
  readonly port: number;
  readonly password: string;
}): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const state = { connections: 0, held: 0, isStalled: false };
  const listener = createServer((near) => {
    state.connections += 1;
    const far = connect({ host: "127.0.0.1", port: server.port });
    join(near, far);
    join(far, near);
    far.on("data", (bytes: Buffer) => {
      if (state.isStalled) state.held += bytes.length;
    });
  });
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("error", () => {});
    from.on("data", (bytes: Buffer) => {
      if (state.isStalled || to.write(bytes)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    password: server.password,
    get connections() {
      return state.connections;
    },
    get held() {
      return state.held;
    },
    cut,
    stall() {
      state.isStalled = true;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      if (listener.listening) await once(listener, "close");
    },
  };
}
