/**
 * Proves to the server who we are, in a way that the settings accept.
 *
 * A1: the password leaves this process only where the settings, or the network, allow it: over an
 *     open network it is never sent as it is unless `require_auth` says `password`.
 * A2: what the settings require is checked when the server says yes, whatever it asked for before:
 *     a server that asks for less than was required is refused.
 */
import type { X509Certificate } from "node:crypto";
import { serverEndPoint } from "./channel-binding.ts";
import { isLocal, placeOf, type AuthMethod, type ConnectOptions } from "./connect-options.ts";
import { endpointError } from "./connection-error.ts";
import { passwordMessage, saslInitialMessage, saslMessage } from "./frontend-messages.ts";
import type { Inbox, Received } from "./inbox.ts";
import { md5Password } from "./md5-password.ts";
import type { MessageBody } from "./message-body.ts";
import { backend } from "./message-reader.ts";
import { ProtocolFault } from "./protocol-fault.ts";
import { ScramClient, type ChannelBinding } from "./scram.ts";
import { readReport, serverError } from "./server-error.ts";

/** A connection on which nothing was said yet but the startup message. */
export interface Unproven {
  readonly options: ConnectOptions;
  readonly inbox: Inbox;
  readonly write: (bytes: Uint8Array) => void;
  /** The server's; null without TLS. */
  readonly certificate: X509Certificate | null;
}

const roundsMax = 64;
const nonceBytes = 18;
const [plus, scram] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];

/** The codes of the server's authentication messages. */
const request = { ok: 0, cleartext: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;

/** Answers what the server asks for until it is content. */
export async function authenticate(unproven: Unproven): Promise<void> {
  const exchange = new Exchange(unproven);
  for (let round = 0; round < roundsMax; round += 1) {
    const received = await unproven.inbox.next();
    if (received.type === backend.authentication) {
      if (await exchange.answer(received.body)) return;
    } else {
      passOver(unproven.options, received);
    }
  }
  throw new ProtocolFault(`more than ${roundsMax} messages before a yes or no`);
}

/** Takes what may come beside an answer; throws the error that the server reports. */
export function passOver(options: ConnectOptions, { type, body }: Received): void {
  if (type === backend.error) throw serverError(options.endpoint, readReport(body));
  if (type === backend.notice || type === backend.negotiateVersion) return;
  throw new ProtocolFault(`a message of type 0x${type.toString(16)} before a yes or no`);
}

class Exchange {
  readonly #unproven: Unproven;
  #method: AuthMethod = "none";
  #isBound = false;
  #scram: ScramClient | null = null;

  constructor(unproven: Unproven) {
    this.#unproven = unproven;
  }

  /** Answers one request; true when the server is content. */
  async answer(body: MessageBody): Promise<boolean> {
    const code = body.int32();
    switch (code) {
      case request.ok:
        this.#check();
        return true;
      case request.cleartext:
        this.#choose("password");
        this.#unproven.write(passwordMessage(this.#password()));
        return false;
      case request.md5: {
        this.#choose("md5");
        const { user } = this.#unproven.options.endpoint;
        const digest = md5Password(user, this.#password(), body.copy(4));
        this.#unproven.write(passwordMessage(digest));
        return false;
      }
      case request.sasl:
      case request.saslContinue:
      case request.saslFinal:
        await this.#proving(() => this.#answerSasl(code, body));
        return false;
      default:
        throw this.#refused(
          `a way that hakiri doesn't know (authentication request ${code})`,
          "have its pg_hba.conf say scram-sha-256 for this role and host",
        );
    }
  }

  async #answerSasl(code: number, body: MessageBody): Promise<void> {
    if (code === request.sasl) {
      this.#beginSasl(body);
      return;
    }
    const text = body.text(body.left);
    if (this.#scram === null) throw new ProtocolFault("a SASL message that nothing came before");
    if (code === request.saslFinal) this.#scram.finish(text);
    else this.#unproven.write(saslMessage(await this.#scram.answer(text)));
  }

  #beginSasl(body: MessageBody): void {
    const offered: string[] = [];
    for (let name = body.zeroEnded(); name !== ""; name = body.zeroEnded()) offered.push(name);
    if (this.#scram !== null) throw new ProtocolFault("a second SASL exchange");
    this.#choose("scram-sha-256");
    const binding = this.#bindingOf(offered);
    this.#isBound = binding.kind === "bound";
    this.#checkBinding();
    const mechanism = binding.kind === "bound" ? plus : scram;
    if (!offered.includes(mechanism)) {
      throw this.#refused(
        `SASL by ${offered.join(", ").slice(0, 200)} alone`,
        `hakiri knows ${scram}; have the server's password_encryption say scram-sha-256`,
      );
    }
    const nonce = this.#unproven.options.random.bytes(nonceBytes);
    this.#scram = new ScramClient({ password: this.#password(), binding, nonce });
    this.#unproven.write(saslInitialMessage(mechanism, this.#scram.first()));
  }

  #bindingOf(offered: readonly string[]): ChannelBinding {
    const { certificate, options } = this.#unproven;
    const data = certificate === null ? null : serverEndPoint(certificate);
    if (data === null || options.channelBinding === "disable") return { kind: "none" };
    return offered.includes(plus) ? { kind: "bound", data } : { kind: "not_offered" };
  }

  /** What is wrong in here is not the network: somebody doesn't know the password. */
  async #proving(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof ProtocolFault)) throw error;
      const { endpoint } = this.#unproven.options;
      throw endpointError(
        endpoint,
        {
          kind: "Permanent",
          code: "postgres.untrusted_server",
          message: `expected ${placeOf(endpoint)} to prove that it knows the password, got ${error.message}`,
          hint: "somebody may be between you and the server: check host and port, set sslmode = verify-full",
        },
        error,
      );
    }
  }

  #choose(method: AuthMethod): void {
    const { options, certificate } = this.#unproven;
    if (options.channelBinding === "require" && method !== "scram-sha-256") {
      throw this.#refused(
        `${method} where channel_binding = require`,
        "the server may not be who it says; if it is, set channel_binding = prefer",
      );
    }
    if (options.requireAuth !== null && !options.requireAuth.has(method)) {
      throw this.#refused(
        `${method} where require_auth is ${[...options.requireAuth].join(",")}`,
        "the server may not be who it says; if it is, change require_auth",
      );
    }
    const isOpen = certificate === null && !isLocal(options.endpoint);
    if (method === "password" && isOpen && options.requireAuth === null) {
      throw this.#refused(
        "a request to send the password as it is over a network without TLS",
        "set sslmode = require; or, where the network is trusted, require_auth = password",
      );
    }
    this.#method = method;
  }

  #check(): void {
    if (this.#scram !== null && !this.#scram.isVerified) {
      throw this.#refused("a yes before the server proved itself", "check host and port");
    }
    this.#choose(this.#method);
    this.#checkBinding();
  }

  #checkBinding(): void {
    if (this.#unproven.options.channelBinding === "require" && !this.#isBound) {
      throw this.#refused(
        "no channel binding where channel_binding = require",
        "it needs TLS (sslmode = require) and a server that offers SCRAM-SHA-256-PLUS",
      );
    }
  }

  #password(): string {
    const { password, passwordNotice, endpoint } = this.#unproven.options;
    if (password !== null) return password;
    const how = 'set PGPASSWORD, add a line to ~/.pgpass, or set password = { env = "NAME" }';
    throw endpointError(endpoint, {
      kind: "AuthExpired",
      code: "auth.no_password",
      message: `${placeOf(endpoint)}: the server asks for a password, and none is known`,
      hint: passwordNotice === null ? how : `${passwordNotice}; or ${how}`,
    });
  }

  #refused(what: string, hint: string): Error {
    const { endpoint } = this.#unproven.options;
    return endpointError(endpoint, {
      kind: "Permanent",
      code: "postgres.auth_refused",
      message: `${placeOf(endpoint)}: the server was refused, since it came with ${what}`,
      hint,
    });
  }
}
