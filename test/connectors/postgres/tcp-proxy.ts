/** A proxy before a server: it passes bytes on, until it cuts its connections or falls silent. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What a connection may pass to its client, and what becomes of it at the last byte of that. */
export interface PassBudget {
  readonly bytes: number;
  readonly ending: "cut" | "stall";
}

/** What differs from passing everything on. */
export interface ProxyOptions {
  /** Asked for each connection, counted from 1; null for one that passes everything. */
  readonly budgetOf?: (connection: number) => PassBudget | null;
}

/** A running proxy. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly password: string;
  /** How many connections it took so far. */
  readonly connections: number;
  /** How many bytes it keeps from the clients. */
  readonly held: number;
  /** How many bytes it passed on to the clients so far. */
  readonly passed: number;
  /** Ends every connection at once; new ones wait for `until`, where it is given. */
  cut(until?: Promise<unknown>): void;
  /** Passes nothing on from now on. */
  stall(): void;
  /** Acts once, when so many more bytes were passed to clients; takes the place of the last. */
  oncePassed(bytes: number, act: () => void): void;
}

interface ProxyState {
  connections: number;
  held: number;
  passed: number;
  isStalled: boolean;
  gate: Promise<unknown>;
  act: { readonly at: number; readonly run: () => void } | null;
}

/** Starts a proxy on a free port of loopback. */
export async function startProxy(
  server: { readonly port: number; readonly password?: string },
  { budgetOf = () => null }: ProxyOptions = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const state: ProxyState = {
    connections: 0,
    held: 0,
    passed: 0,
    isStalled: false,
    gate: Promise.resolve(),
    act: null,
  };
  const listener = createServer((near) => {
    state.connections += 1;
    const budget = budgetOf(state.connections);
    sockets.add(near);
    near.on("error", () => {});
    void state.gate.then(() => {
      if (near.destroyed) return;
      const far = connect({ host: "127.0.0.1", port: server.port });
      pipe(sockets, near, { to: far, take: (bytes) => (state.isStalled ? null : bytes) });
      pipe(sockets, far, { to: near, take: metered(state, budget, () => near.destroy()) });
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    password: server.password ?? "",
    get connections() {
      return state.connections;
    },
    get held() {
      return state.held;
    },
    get passed() {
      return state.passed;
    },
    cut(until = Promise.resolve()) {
      state.gate = until;
      cut();
    },
    stall() {
      state.isStalled = true;
    },
    oncePassed(bytes, run) {
      state.act = { at: state.passed + bytes, run };
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      if (listener.listening) await once(listener, "close");
    },
  };
}

interface Direction {
  readonly to: Socket;
  /** What of the bytes goes on; null for none of them. */
  readonly take: (bytes: Buffer) => Buffer | null;
}

function pipe(sockets: Set<Socket>, from: Socket, { to, take }: Direction): void {
  sockets.add(from);
  from.on("error", () => {});
  from.on("data", (bytes: Buffer) => {
    const taken = take(bytes);
    if (taken === null || to.write(taken)) return;
    from.pause();
    to.once("drain", () => from.resume());
  });
  from.on("close", () => {
    sockets.delete(from);
    to.destroy();
  });
}

/** Counts what goes to a client, to the byte. */
function metered(
  state: ProxyState,
  budget: PassBudget | null,
  end: () => void,
): (bytes: Buffer) => Buffer | null {
  let left = budget?.bytes ?? Infinity;
  return (bytes) => {
    const taken = bytes.subarray(0, state.isStalled ? 0 : Math.min(left, bytes.length));
    left -= taken.length;
    state.held += bytes.length - taken.length;
    state.passed += taken.length;
    // The bytes before are written first.
    if (left === 0 && budget?.ending === "cut") setImmediate(end);
    const { act } = state;
    if (act !== null && state.passed >= act.at) {
      state.act = null;
      act.run();
    }
    return taken.length === 0 ? null : taken;
  };
}
