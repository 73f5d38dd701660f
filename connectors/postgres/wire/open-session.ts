/** From settings to a session: socket, TLS, authentication, and the server's greeting. */
import { HakiriError } from "../../../src/connector.ts";
import { authenticate, passOver } from "./authenticate.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { brokenProtocol, connectionLost, unreachable } from "./connection-error.ts";
import { startupMessage, type CancelKey } from "./frontend-messages.ts";
import { SocketEnded } from "./inbox.ts";
import { backend } from "./message-reader.ts";
import { openStream, tlsWanted, type Stream, type StreamOptions } from "./open-stream.ts";
import type { PgSocket } from "./pg-socket.ts";
import { ProtocolFault } from "./protocol-fault.ts";

/** A session that is ready for a query. */
export interface Session {
  readonly stream: Stream;
  readonly parameters: Map<string, string>;
  /** Null where the server, or a pooler, gave none. */
  readonly cancelKey: CancelKey | null;
}

const parametersMax = 1000;

/** Opens a session. Rejects with a HakiriError only. `onSocket` is told of each socket tried. */
export async function openSession(
  options: ConnectOptions,
  onSocket: (socket: PgSocket) => void,
): Promise<Session> {
  const tls = tlsWanted(options);
  try {
    return await attempt({ options, tls, address: null, onSocket });
  } catch (error) {
    if (!(error instanceof WithoutTls)) throw error;
    try {
      return await attempt({ options, tls: "no", address: null, onSocket });
    } catch (second) {
      // With TLS it went wrong, too, and that is what most people would have wanted.
      throw second instanceof HakiriError && second.code === "auth.refused" ? error.cause : second;
    }
  }
}

/** `prefer` means that whatever TLS is refused for is tried without, as in libpq. */
class WithoutTls extends Error {}

async function attempt(how: StreamOptions): Promise<Session> {
  const { options } = how;
  let socket: PgSocket | null = null;
  let stream: Stream | null = null;
  const onSocket = (opened: PgSocket): void => {
    socket = opened;
    how.onSocket(opened);
  };
  try {
    stream = await openStream({ ...how, onSocket });
    return await greet(options, stream);
  } catch (error) {
    destroy(socket);
    const failure = toFailure(options, error);
    if (how.tls === "try" && isForTls(failure, stream)) {
      throw new WithoutTls("", { cause: failure });
    }
    throw failure;
  }
}

/** The compiler believes that a closure never ran. */
function destroy(socket: PgSocket | null): void {
  socket?.destroy();
}

/** Logs in on a stream that nothing was said on. Rejects with whatever came in between. */
export async function greet(options: ConnectOptions, stream: Stream): Promise<Session> {
  const { socket, inbox, certificate } = stream;
  const { user, database } = options.endpoint;
  const write = (bytes: Uint8Array): void => {
    socket.write(bytes);
  };
  const name = options.applicationName;
  write(startupMessage({ user, database, client_encoding: "UTF8", application_name: name }));
  await authenticate({ options, inbox, write, certificate });
  const parameters = new Map<string, string>();
  let cancelKey: CancelKey | null = null;
  for (;;) {
    const received = await inbox.next();
    const { type, body } = received;
    if (type === backend.readyForQuery) return { stream, parameters, cancelKey };
    if (type === backend.parameterStatus) {
      if (parameters.size === parametersMax) throw new ProtocolFault("no end of parameters");
      parameters.set(body.zeroEnded(), body.zeroEnded());
    } else if (type === backend.backendKeyData) {
      cancelKey = { processId: body.int32(), secret: body.copy(4) };
    } else {
      passOver(options, received);
    }
  }
}

function toFailure({ endpoint }: ConnectOptions, error: unknown): unknown {
  const cause = error instanceof SocketEnded ? error.cause : error;
  if (cause instanceof ProtocolFault) return brokenProtocol(endpoint, cause.message, true);
  return cause === null ? connectionLost(endpoint, null) : unreachable(endpoint, cause);
}

/** Whether another try without TLS could go better. */
function isForTls(failure: unknown, stream: Stream | null): boolean {
  if (!(failure instanceof HakiriError)) return false;
  if (stream === null) return failure.code.startsWith("postgres.tls_");
  return stream.certificate !== null && failure.code === "auth.refused";
}
