/** A socket to a server, encrypted as the settings say, before the first word of a session. */
import type { X509Certificate } from "node:crypto";
import { isUnixSocket, serverOf, type ConnectOptions } from "./connect-options.ts";
import { endpointError } from "./connection-error.ts";
import { tlsRequest } from "./frontend-messages.ts";
import { Inbox } from "./inbox.ts";
import { PgSocket, type ServerSocket } from "./pg-socket.ts";
import { ProtocolFault } from "./protocol-fault.ts";

/** An open socket. */
export interface Stream {
  readonly socket: ServerSocket;
  readonly inbox: Inbox;
  /** The server's; null without TLS. */
  readonly certificate: X509Certificate | null;
}

/** How a stream is opened. */
export interface StreamOptions {
  readonly options: ConnectOptions;
  /** `try` goes on without TLS where the server has none. */
  readonly tls: "no" | "try" | "must";
  /** The address to go to; null for the endpoint's host. */
  readonly address: string | null;
  /** Told of the socket at once, so that whoever gives up can destroy it. */
  readonly onSocket: (socket: PgSocket) => void;
}

const [yes, no] = [0x53, 0x4e]; // S, N

/** What TLS the settings mean for an endpoint. */
export function tlsWanted(options: ConnectOptions): StreamOptions["tls"] {
  if (isUnixSocket(options.endpoint) || options.tls.mode === "disable") return "no";
  return options.tls.mode === "prefer" ? "try" : "must";
}

/** Opens a stream. Rejects with what ended the socket, or with a HakiriError. */
export async function openStream(how: StreamOptions): Promise<Stream> {
  const { options, address } = how;
  const { endpoint, keepaliveMs } = options;
  const inbox = new Inbox();
  const socket = new PgSocket({ endpoint, address, keepaliveMs }, inbox);
  how.onSocket(socket);
  if (how.tls === "no") return { socket, inbox, certificate: null };
  socket.write(tlsRequest());
  const answer = await inbox.byte();
  if (answer === no && how.tls === "try") return { socket, inbox, certificate: null };
  if (answer === no) throw notOffered(options);
  if (answer !== yes) {
    throw new ProtocolFault(`0x${answer.toString(16)} as its answer to a request for TLS`);
  }
  const stream = await socket.startTls(options.tls);
  return { socket, inbox, certificate: stream.getPeerX509Certificate() ?? null };
}

function notOffered({ endpoint, tls }: ConnectOptions): Error {
  return endpointError(endpoint, {
    kind: "Permanent",
    code: "postgres.tls_not_offered",
    message: `expected TLS of ${serverOf(endpoint)}, as sslmode = ${tls.mode} wants it, got none`,
    hint: "set ssl = on in its postgresql.conf; or, where the network is trusted, sslmode = disable",
  });
}
