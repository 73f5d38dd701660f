/**
 * One socket to a server: bytes in chunks that are looked at where they lie, and a brake.
 *
 * It owns the socket and the one buffer that everything is read into; whom it hands chunks to owns
 * what they mean.
 *
 * S1: a chunk is valid during the call only: the next one lies in the same memory.
 * S2: while it is paused no chunk comes and the socket isn't read, so the server has to wait.
 * S3: `gone` is called exactly once, after the last chunk.
 */
import { connect, isIP, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { isUnixSocket, type Endpoint, type TlsOptions } from "./connect-options.ts";

/** What takes the chunks. What it throws ends the socket, and is what `gone` is told. */
export interface SocketListener {
  /** Takes bytes[0, end). */
  chunk(bytes: Uint8Array, end: number): void;
  /** Told why; null where the other side, or we, closed it in order. */
  gone(error: unknown): void;
}

/** Room for what the kernel has: smaller costs calls, larger leaves the processor's cache. */
const bufferBytes = 256 * 1024;

/** Where a socket goes to. */
export interface SocketTarget {
  readonly endpoint: Endpoint;
  /** The address to go to where the endpoint's name may mean several; null looks it up. */
  readonly address: string | null;
  readonly keepaliveMs: number;
}

/** A socket, as a session that is open uses it. */
export interface ServerSocket {
  /** The address of the other side, for a further connection to the same; null where unknown. */
  readonly remoteAddress: string | null;
  /** Who takes the chunks from now on. */
  listen(listener: SocketListener): void;
  /** Sends; what can't be sent ends the socket. */
  write(bytes: Uint8Array): void;
  /** Reads no more; a chunk that is being handed over is the last. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Sends the bytes and closes; what comes meanwhile is still handed over. */
  end(bytes: Uint8Array): void;
  /** Closes at once; `gone` is told of the error. */
  destroy(error?: unknown): void;
}

/** A socket of the network, or of this machine. */
export class PgSocket implements ServerSocket {
  readonly #endpoint: Endpoint;
  readonly #raw: Socket;
  #stream: Socket;
  #listener: SocketListener;
  #isFlowing = true;
  #isGone = false;
  #error: unknown = null;

  /** Begins to connect. */
  constructor(target: SocketTarget, listener: SocketListener) {
    this.#endpoint = target.endpoint;
    this.#listener = listener;
    this.#raw = this.#open(target);
    this.#stream = this.#raw;
    this.#watch(this.#raw);
  }

  get remoteAddress(): string | null {
    return this.#raw.remoteAddress ?? null;
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isGone) this.#stream.write(bytes);
  }

  pause(): void {
    if (!this.#isFlowing) return;
    this.#isFlowing = false;
    this.#stream.pause();
  }

  resume(): void {
    if (this.#isFlowing) return;
    this.#isFlowing = true;
    this.#stream.resume();
  }

  /**
   * Speaks TLS from now on; nothing may be on its way in either direction. Answers the stream, of
   * which the caller reads the server's certificate. Rejects with what went wrong.
   */
  startTls(tls: TlsOptions): Promise<TLSSocket> {
    const stream = connectTls({ socket: this.#raw, ...connectionOptions(this.#endpoint, tls) });
    this.#stream = stream;
    stream.on("data", (bytes: Buffer) => {
      this.#hand(bytes, bytes.length);
    });
    return new Promise((resolve, reject) => {
      stream.once("secureConnect", () => {
        resolve(stream);
      });
      stream.once("error", reject);
      this.#watch(stream);
      stream.once("close", () => {
        reject(this.#error instanceof Error ? this.#error : new TlsEnded());
      });
    });
  }

  end(bytes: Uint8Array): void {
    this.#stream.end(bytes);
    this.resume();
  }

  destroy(error: unknown = null): void {
    this.#error ??= error;
    this.#stream.destroy();
    this.#raw.destroy();
  }

  #open({ endpoint, address, keepaliveMs }: SocketTarget): Socket {
    const { host, port } = endpoint;
    const onread = {
      buffer: new Uint8Array(bufferBytes),
      callback: (sizeBytes: number, buffer: Uint8Array): boolean => {
        this.#hand(buffer, sizeBytes);
        return this.#isFlowing;
      },
    };
    if (isUnixSocket(endpoint)) {
      return connect({ path: join(host, `.s.PGSQL.${port}`), onread });
    }
    const keepAlive = keepaliveMs > 0;
    return connect({
      host: address ?? host,
      port,
      onread,
      noDelay: true,
      keepAlive,
      ...(keepAlive && { keepAliveInitialDelay: keepaliveMs }),
    });
  }

  #hand(bytes: Uint8Array, end: number): void {
    if (this.#error !== null) return;
    try {
      this.#listener.chunk(bytes, end);
    } catch (error) {
      this.destroy(error);
    }
  }

  #watch(stream: Socket): void {
    stream.on("error", (error) => {
      this.#error ??= error;
    });
    stream.on("close", () => {
      // Of a socket under TLS the stream above tells.
      if (stream !== this.#stream || this.#isGone) return;
      this.#isGone = true;
      this.#raw.destroy();
      this.#listener.gone(this.#error);
    });
  }
}

/** The other side closed the connection where it should have greeted. */
class TlsEnded extends Error {
  readonly code = "ERR_TLS_ENDED";

  constructor() {
    super("the connection was closed during the TLS handshake");
  }
}

function connectionOptions(endpoint: Endpoint, tls: TlsOptions): ConnectionOptions {
  const { mode, authorities, client } = tls;
  const isName = isIP(endpoint.host) === 0;
  return {
    host: endpoint.host,
    ...(isName && { servername: endpoint.host }),
    minVersion: "TLSv1.2",
    // With authorities even `require` verifies them, as libpq does.
    rejectUnauthorized: authorities !== null,
    ...(authorities !== null && { ca: [...authorities] }),
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...(client !== null && { cert: client.certificate, key: client.key }),
  };
}
