/** Asks a server to cancel what a session runs, over a connection that is made for it. */
import type { ConnectOptions } from "./connect-options.ts";
import { brokenProtocol, connectTimedOut, endpointError, unreachable } from "./connection-error.ts";
import { cancelRequest } from "./frontend-messages.ts";
import { SocketEnded } from "./inbox.ts";
import type { Session } from "./open-session.ts";
import { openStream } from "./open-stream.ts";
import type { PgSocket } from "./pg-socket.ts";
import { ProtocolFault } from "./protocol-fault.ts";

/**
 * Resolves when the server has taken the request, which it never answers: whether it came in time
 * shows in the statement's end. Rejects with a HakiriError.
 */
export async function cancelStatement(
  options: ConnectOptions,
  session: Session,
  timeoutMs: number,
): Promise<void> {
  const { endpoint } = options;
  const { cancelKey, stream } = session;
  if (cancelKey === null) {
    throw endpointError(endpoint, {
      kind: "Permanent",
      code: "postgres.cannot_cancel",
      message: "expected the server to have said how to cancel a statement, but it didn't",
      hint: "is a pooler between? connect to the server itself",
    });
  }
  const sockets: PgSocket[] = [];
  const deadline = options.clock.schedule(timeoutMs, () => {
    for (const socket of sockets) socket.destroy(connectTimedOut(endpoint, timeoutMs / 1000));
  });
  try {
    const opened = await openStream({
      options,
      // The key is a secret of the session: where that was encrypted, so is this.
      tls: stream.certificate === null ? "no" : "must",
      address: stream.socket.remoteAddress,
      onSocket: (socket) => sockets.push(socket),
    });
    opened.socket.write(cancelRequest(cancelKey));
    // The server closes it without a word.
    await opened.inbox.next();
    throw new ProtocolFault("an answer to a request to cancel");
  } catch (error) {
    const cause = error instanceof SocketEnded ? error.cause : error;
    if (cause === null) return;
    throw cause instanceof ProtocolFault
      ? brokenProtocol(endpoint, cause.message, true)
      : unreachable(endpoint, cause);
  } finally {
    deadline.cancel();
    for (const socket of sockets) socket.destroy();
  }
}
