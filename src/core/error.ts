/**
 * The one error that hakiri throws, and its form as a record: `postMessage` and the WASM boundary
 * strip classes, so an error crosses threads, processes and guests as `ErrorRecord`.
 */

/** What the runtime will do about an error; nothing else decides over retries. */
export type ErrorKind =
  "Transient" | "Permanent" | "SchemaIncompatible" | "AuthExpired" | "RateLimited";

/** An error as plain data. */
export interface ErrorRecord {
  readonly kind: ErrorKind;
  /** Stable and dotted; the prefixes `usage.`, `refused.` and `conflict.` choose an exit code. */
  readonly code: string;
  /** What was expected, what came, and where. */
  readonly message: string;
  /** What to type next; empty where nothing helps. */
  readonly hint: string;
}

/** A failure that a caller can act on. Broken invariants are not this: they crash. */
export class HakiriError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;

  constructor(record: ErrorRecord, options?: { readonly cause: unknown }) {
    super(record.message, options);
    this.name = "HakiriError";
    this.kind = record.kind;
    this.code = record.code;
    this.hint = record.hint;
  }

  /** The error as plain data, without stack and cause. */
  toRecord(): ErrorRecord {
    return { kind: this.kind, code: this.code, message: this.message, hint: this.hint };
  }
}

/** The error of a caller who typed something that hakiri can't take; exits with 2. */
export function usageError(code: string, message: string, hint: string): HakiriError {
  return new HakiriError({ kind: "Permanent", code: `usage.${code}`, message, hint });
}
