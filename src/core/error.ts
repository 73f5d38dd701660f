/**
 * The one error that hakiri throws, and its form as a record: `postMessage` and the WASM boundary
 * strip classes, so an error crosses threads, processes and guests as `ErrorRecord`.
 */
import { canonicalJson, type Json } from "./json.ts";

/** What the runtime will do about an error; nothing else decides over retries. */
export type ErrorKind =
  "Transient" | "Permanent" | "SchemaIncompatible" | "AuthExpired" | "RateLimited";

/** What the failed work was about; only what is known, each text of at most `textCharsMax`. */
export interface ErrorWhere {
  readonly pipeline?: string;
  readonly run?: string;
  readonly stream?: string;
  /** The batch's number within its partition, from 0. */
  readonly batch?: number;
  /** Method and URL, without credentials. */
  readonly request?: string;
  readonly file?: string;
  /** The line of that file, from 1. */
  readonly line?: number;
}

/** An error as plain data. What is unknown is absent. */
export interface ErrorRecord {
  readonly kind: ErrorKind;
  /** Stable and dotted; the prefixes `usage.`, `refused.`, `conflict.` choose an exit code. */
  readonly code: string;
  /** What was expected, what came, and where. */
  readonly message: string;
  /** What to type next; empty where nothing helps. */
  readonly hint: string;
  readonly where?: ErrorWhere;
  /** What was seen, its secrets redacted by who throws; a longer one is cut to a text. */
  readonly evidence?: Json;
  /** How long the other side asks to be left alone, from 0. */
  readonly retryAfterMs?: number;
  /** The error that led to this one; at most `causeDepthMax` follow one another. */
  readonly cause?: ErrorRecord;
  /** Of a defect only: where it was thrown. */
  readonly stack?: string;
}

/** The most UTF-16 units of a message, a hint, a stack or a text of `where`. */
export const textCharsMax = 8192;
/** The most UTF-16 units of the evidence's JSON text. */
export const evidenceCharsMax = 4096;
/** The most causes below an error. */
export const causeDepthMax = 8;
const codeCharsMax = 128;

/** A failure that a caller can act on. Broken invariants are not this: they crash. */
export class HakiriError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
  readonly where: ErrorWhere;
  readonly evidence: Json | undefined;
  readonly retryAfterMs: number | undefined;

  /** The cause of `options` goes before the record's; it may be anything that was caught. */
  constructor(record: ErrorRecord, options?: { readonly cause: unknown }) {
    const cause =
      options?.cause ?? (record.cause === undefined ? undefined : new HakiriError(record.cause));
    super(cut(record.message, textCharsMax), cause === undefined ? undefined : { cause });
    this.name = "HakiriError";
    this.kind = record.kind;
    this.code = record.code;
    this.hint = cut(record.hint, textCharsMax);
    this.where = boundedWhere(record.where ?? {});
    this.evidence = boundedEvidence(record.evidence);
    this.retryAfterMs = record.retryAfterMs;
    if (record.stack !== undefined) this.stack = record.stack;
  }

  /** The same error with more of where it happened; what it knows already is kept. */
  within(where: ErrorWhere): HakiriError {
    const record = { ...this.toRecord(), where: { ...where, ...this.where } };
    const wider = new HakiriError(record, { cause: this.cause });
    if (this.stack !== undefined) wider.stack = this.stack;
    return wider;
  }

  /** The error as plain data, bounded; a stack is in it only where the error is a defect. */
  toRecord(): ErrorRecord {
    return recordOf(this, causeDepthMax);
  }

  /** The error of a record from another thread, process or guest; anything else is a defect. */
  static fromRecord(record: unknown): HakiriError {
    const parsed = parseRecord(record, causeDepthMax);
    return parsed === undefined
      ? toHakiriError(new TypeError(`expected an error record, got ${named(record)}`))
      : new HakiriError(parsed);
  }
}

/** The error of a caller who typed something that hakiri can't take; exits with 2. */
export function usageError(code: string, message: string, hint: string): HakiriError {
  return new HakiriError({ kind: "Permanent", code: `usage.${code}`, message, hint });
}

/** What was caught as the error it is; what nobody foresaw is the defect `defect.unforeseen`. */
export function toHakiriError(caught: unknown): HakiriError {
  if (caught instanceof HakiriError) return caught;
  const stack = caught instanceof Error ? caught.stack : undefined;
  return new HakiriError(
    {
      kind: "Permanent",
      code: "defect.unforeseen",
      message: `an unforeseen error, which is a defect of hakiri: ${said(caught)}`,
      hint: "please report it with the command you typed and the output of 'hakiri doctor'",
      ...(stack !== undefined && { stack }),
    },
    { cause: caught },
  );
}

function recordOf(error: HakiriError, depth: number): ErrorRecord {
  const isDefect = error.code.startsWith("defect.") && error.stack !== undefined;
  const cause = depth > 0 && error.cause !== undefined ? causeOf(error.cause, depth - 1) : null;
  return {
    kind: error.kind,
    code: error.code,
    message: error.message,
    hint: error.hint,
    ...(Object.keys(error.where).length > 0 && { where: error.where }),
    ...(error.evidence !== undefined && { evidence: error.evidence }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    ...(cause !== null && { cause }),
    ...(isDefect && { stack: cut(error.stack ?? "", textCharsMax) }),
  };
}

/** A library's error is a cause and no defect: its code tells whose it is. */
function causeOf(cause: unknown, depth: number): ErrorRecord {
  if (cause instanceof HakiriError) return recordOf(cause, depth);
  const isError = cause instanceof Error;
  const own = isError && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  const name = own ?? (isError ? cause.name : typeof cause);
  const deeper = isError && depth > 0 && cause.cause !== undefined ? cause.cause : undefined;
  return {
    kind: "Permanent",
    code: cut(`foreign.${name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "_")}`, codeCharsMax),
    message: cut(said(cause), textCharsMax),
    hint: "",
    ...(deeper !== undefined && { cause: causeOf(deeper, depth - 1) }),
  };
}

const kinds: ReadonlySet<unknown> = new Set<ErrorKind>([
  "Transient",
  "Permanent",
  "SchemaIncompatible",
  "AuthExpired",
  "RateLimited",
]);

/** Undefined where the value is no record; of its further parts only the well-formed are taken. */
function parseRecord(value: unknown, depth: number): ErrorRecord | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, code, message, hint, where, evidence, retryAfterMs, cause, stack } =
    value as Readonly<Record<string, unknown>>; // any object has members, each still unknown
  if (!isKind(kind) || typeof message !== "string") return undefined;
  if (typeof code !== "string" || code === "" || code.length > codeCharsMax) return undefined;
  const deeper = depth > 0 ? parseRecord(cause, depth - 1) : undefined;
  return {
    kind,
    code,
    message,
    hint: typeof hint === "string" ? hint : "",
    where: parseWhere(where),
    ...(evidence !== undefined && { evidence: parseEvidence(evidence) }),
    ...(isDuration(retryAfterMs) && { retryAfterMs }),
    ...(deeper !== undefined && { cause: deeper }),
    ...(typeof stack === "string" && { stack: cut(stack, textCharsMax) }),
  };
}

function isKind(value: unknown): value is ErrorKind {
  return kinds.has(value);
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

const whereTexts = ["pipeline", "run", "stream", "request", "file"] as const;
const whereNumbers = ["batch", "line"] as const;

function parseWhere(value: unknown): ErrorWhere {
  if (typeof value !== "object" || value === null) return {};
  const members = value as Readonly<Record<string, unknown>>; // as above
  const known = [
    ...whereTexts.filter((key) => typeof members[key] === "string"),
    ...whereNumbers.filter((key) => Number.isSafeInteger(members[key])),
  ];
  return Object.fromEntries(known.map((key) => [key, members[key]]));
}

function boundedWhere(where: ErrorWhere): ErrorWhere {
  const members = Object.entries(where).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    members.map(([key, value]) => [
      key,
      typeof value === "string" ? cut(value, textCharsMax) : (value as unknown), // a number
    ]),
  );
}

/** What is no JSON is told as text, so that a broken sender doesn't hide its own error. */
function parseEvidence(value: unknown): Json {
  try {
    return JSON.parse(canonicalJson(value)) as Json; // what JSON.parse answers
  } catch {
    return `evidence that is no JSON: ${named(value)}`;
  }
}

function boundedEvidence(evidence: Json | undefined): Json | undefined {
  if (evidence === undefined) return undefined;
  const text = typeof evidence === "string" ? evidence : JSON.stringify(evidence);
  return text.length <= evidenceCharsMax ? evidence : cut(text, evidenceCharsMax);
}

const cutMark = " [cut]";

/** At most that many UTF-16 units, never half a character; a cut text ends in a mark. */
function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const end = charsMax - cutMark.length;
  return `${text.slice(0, end).replace(/[\ud800-\udbff]$/u, "")}${cutMark}`;
}

/** What an error says of itself; a value that can't even be printed must not hide the failure. */
function said(caught: unknown): string {
  if (caught instanceof Error) return caught.message === "" ? caught.name : caught.message;
  try {
    return String(caught);
  } catch {
    return named(caught);
  }
}

function named(value: unknown): string {
  return value === null ? "null" : typeof value;
}
