/** The errors of actors, and how any thrown value becomes a record that crosses threads. */
import { HakiriError, toHakiriError, type ErrorRecord } from "../core/error.ts";
import { describeExit, type ActorExit } from "./actor-exit.ts";

/** Most UTF-16 units of a record's JSON that crosses, so that it fits a control message. */
const recordCharsMax = 12 * 1024;
/** What is left of the texts of a larger one. */
const shortMessageCharsMax = 4096;
const shortHintCharsMax = 1024;

/** Transient `actor.mailbox_full`: the receiver has as many messages waiting as it takes. */
export function mailboxFull(capacity: number): HakiriError {
  return transient("mailbox_full", `expected at most ${capacity} waiting messages, came one more`);
}

/** Transient `actor.asks_full`: as many asks wait for a reply as may. */
export function asksFull(asksMax: number): HakiriError {
  return transient("asks_full", `expected at most ${asksMax} pending asks, came one more`);
}

/** Transient `actor.deadline`: no reply came in time; the other side was told to forget the ask. */
export function deadlinePassed(deadlineMs: number): HakiriError {
  return transient("deadline", `expected a reply within ${deadlineMs} ms, came none`);
}

/** Transient `actor.exited`: the actor ended, so nothing sent to it is answered any more. */
export function actorExited(id: string, exit: ActorExit): HakiriError {
  const message = `expected a reply of actor ${id}, but it ${describeExit(exit)}`;
  const cause = "error" in exit ? { cause: exit.error } : {};
  return new HakiriError({ kind: "Transient", code: "actor.exited", message, hint: "", ...cause });
}

/** Transient `actor.stopping`: the actor was told to stop before it came to this message. */
export function actorStopping(): HakiriError {
  return transient("stopping", "expected an actor that runs, but it was told to stop");
}

/** Permanent `actor.cancelled`: who asked no longer wants the reply. */
export function askCancelled(cause: unknown): HakiriError {
  const message = "the ask was cancelled by the one who asked";
  return new HakiriError({ ...permanent("cancelled", message), hint: "" }, { cause });
}

/** Permanent `actor.message_too_big`: a control message is larger than may cross a process. */
export function messageTooBig(sizeBytes: number, bytesMax: number): HakiriError {
  const message = `expected a control message of at most ${bytesMax} bytes, came ${sizeBytes}`;
  const hint = "write the data to a file and send its path and digest";
  return new HakiriError({ ...permanent("message_too_big", message), hint });
}

/** Permanent `actor.not_transferable`: buffers can't be moved into another process. */
export function notTransferable(): HakiriError {
  const message = "expected a message without transferred buffers, since it crosses a process";
  const hint = "write the data to a file and send its path and digest";
  return new HakiriError({ ...permanent("not_transferable", message), hint });
}

/** Transient `executor.gone`: the executor that should hold the actor has ended. */
export function executorGone(): HakiriError {
  return new HakiriError({
    kind: "Transient",
    code: "executor.gone",
    message: "expected an executor that runs, but it has ended",
    hint: "",
  });
}

function transient(name: string, message: string): HakiriError {
  return new HakiriError({ kind: "Transient", code: `actor.${name}`, message, hint: "" });
}

function permanent(name: string, message: string): Omit<ErrorRecord, "hint"> {
  return { kind: "Permanent", code: `actor.${name}`, message };
}

/**
 * Any thrown value as a record that fits a control message: what would be too large loses its
 * causes, then all but the beginning of its texts. An error that came from another thread has lost
 * its class, and is known by its fields; what is no HakiriError is a defect.
 */
export function errorRecordOf(thrown: unknown): ErrorRecord {
  const record = errorOf(thrown).toRecord();
  if (fits(record)) return record;
  const { cause: _, ...alone } = record;
  if (fits(alone)) return alone;
  return {
    kind: record.kind,
    code: record.code,
    message: record.message.slice(0, shortMessageCharsMax),
    hint: record.hint.slice(0, shortHintCharsMax),
  };
}

/** Whether something was thrown because `signal` told that nobody wants the result. */
export function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return thrown instanceof HakiriError || (thrown instanceof Error && thrown.name === "AbortError");
}

function errorOf(thrown: unknown): HakiriError {
  if (thrown instanceof HakiriError) return thrown;
  if (thrown instanceof Error && "kind" in thrown && "code" in thrown) {
    const crossed = HakiriError.fromRecord(thrown);
    if (crossed.code === thrown.code) return crossed;
  }
  return toHakiriError(thrown);
}

function fits(record: ErrorRecord): boolean {
  return JSON.stringify(record).length <= recordCharsMax;
}
