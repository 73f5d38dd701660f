/**
 * SCRAM-SHA-256 (RFC 5802, 7677): a client that proves that it knows the password, and that has the
 * server prove the same, without either telling it.
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ProtocolFault } from "./protocol-fault.ts";
import { saslPrep } from "./sasl-prep.ts";

/** The most rounds that a server may ask for: about a second's work. */
export const iterationsMax = 1_000_000;
const textCharsMax = 4096;
const signatureBytes = 32;

/** What the exchange is bound to: `data` is the digest of the server's certificate. */
export type ChannelBinding =
  | { readonly kind: "bound"; readonly data: Uint8Array }
  /** We could, but the server doesn't offer it; a server that did knows of the man between us. */
  | { readonly kind: "not_offered" }
  | { readonly kind: "none" };

/** What a client begins with. */
export interface ScramStart {
  readonly password: string;
  readonly binding: ChannelBinding;
  /** At least 18 random bytes. */
  readonly nonce: Uint8Array;
}

const derive = promisify(pbkdf2);

/** One exchange. Throws ProtocolFault where the server breaks the rules. */
export class ScramClient {
  readonly #start: ScramStart;
  readonly #nonce: string;
  readonly #bare: string;
  #serverSignature: Buffer | null = null;
  #isVerified = false;

  constructor(start: ScramStart) {
    this.#start = start;
    this.#nonce = Buffer.from(start.nonce).toString("base64");
    // The user is the startup message's; PostgreSQL ignores one that is said here.
    this.#bare = `n=,r=${this.#nonce}`;
  }

  /** Whether the server has proved that it knows the password. */
  get isVerified(): boolean {
    return this.#isVerified;
  }

  /** The first message. */
  first(): string {
    return `${this.#header()}${this.#bare}`;
  }

  /** The answer to the server's first message. */
  async answer(serverFirst: string): Promise<string> {
    const { nonce, salt, iterations } = parseServerFirst(serverFirst);
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw new ProtocolFault("a SCRAM nonce that doesn't go on from ours");
    }
    const password = saslPrep(this.#start.password);
    const salted = await derive(password, salt, iterations, signatureBytes, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const withoutProof = `c=${this.#bindingText()},r=${nonce}`;
    const signed = `${this.#bare},${serverFirst},${withoutProof}`;
    const clientSignature = hmac(createHash("sha256").update(clientKey).digest(), signed);
    this.#serverSignature = hmac(hmac(salted, "Server Key"), signed);
    const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0));
    return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
  }

  /** Verifies the server's last message. */
  finish(serverFinal: string): void {
    const [first = ""] = serverFinal.split(",");
    if (first.startsWith("e=")) throw new ProtocolFault(`SCRAM failed: ${first.slice(2, 80)}`);
    const said = first.startsWith("v=") ? Buffer.from(first.slice(2), "base64") : null;
    const expected = this.#serverSignature;
    const isRight =
      said?.length === expected?.length &&
      said !== null &&
      expected !== null &&
      timingSafeEqual(said, expected);
    if (!isRight) throw new ProtocolFault("a SCRAM signature that only an impostor would send");
    this.#isVerified = true;
  }

  #header(): string {
    const { kind } = this.#start.binding;
    if (kind === "bound") return "p=tls-server-end-point,,";
    return kind === "not_offered" ? "y,," : "n,,";
  }

  #bindingText(): string {
    const { binding } = this.#start;
    const data = binding.kind === "bound" ? binding.data : new Uint8Array();
    return Buffer.concat([Buffer.from(this.#header()), data]).toString("base64");
  }
}

interface ServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

function parseServerFirst(text: string): ServerFirst {
  const parts = /^r=(?<nonce>[!-+\--~]+),s=(?<salt>[A-Za-z0-9+/]+={0,2}),i=(?<rounds>\d{1,9})$/u;
  const { nonce, salt, rounds } =
    text.length > textCharsMax ? {} : (parts.exec(text)?.groups ?? {});
  if (nonce === undefined || salt === undefined || rounds === undefined) {
    throw new ProtocolFault("a SCRAM message that can't be read");
  }
  const iterations = Number(rounds);
  if (iterations < 1 || iterations > iterationsMax) {
    throw new ProtocolFault(`${iterations} rounds of SCRAM where 1 to ${iterationsMax} may be`);
  }
  return { nonce, salt: Buffer.from(salt, "base64"), iterations };
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
