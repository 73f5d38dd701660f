/**
 * What a test's source and the test itself say to each other, over a local socket, so that a test
 * stops, breaks or ends a source at an exact point, in whichever thread or process it lives.
 */
import type { ErrorRecord } from "../../../src/core/error.ts";
import type { World } from "./world.ts";

/** Where a source is: it goes on once it has an answer. */
export type SourceEvent =
  /** Asked first by each source: what is out there now. */
  | { readonly at: "world" }
  | { readonly at: "discover" }
  | { readonly at: "session" }
  /** Answered when the session is lost. */
  | { readonly at: "lost"; readonly token: string }
  | { readonly at: "session_closed"; readonly token: string }
  | (ReadPlace & { readonly at: "partitions" | "open" | "close" })
  /** Before the batch after so many rows of this read. */
  | (ReadPlace & { readonly at: "next"; readonly row: number })
  | (ReadPlace & { readonly at: "verify"; readonly file: string })
  /** Before a part is encoded. */
  | { readonly at: "encode"; readonly rows: number }
  /** Before a wait of the runner's is over. */
  | { readonly at: "wait"; readonly delayMs: number };

/** Which read it is. */
export interface ReadPlace {
  readonly stream: string;
  /** Empty for a stream that is read whole. */
  readonly partition: string;
  /** The value of the cursor that the read started from. */
  readonly from: string | null;
  /** Of the session; null without one. */
  readonly token: string | null;
}

/** What a source does then. */
export type Direction =
  | { readonly kind: "go" }
  | { readonly kind: "world"; readonly world: World }
  | { readonly kind: "session"; readonly token: string }
  | { readonly kind: "throw"; readonly error: ErrorRecord }
  /** Throws what is no HakiriError. */
  | { readonly kind: "defect" }
  | { readonly kind: "exit" }
  | { readonly kind: "exhaust_heap" }
  | { readonly kind: "loop" }
  /** Grows one table beyond what any heap limit stops: aborts the whole process. */
  | { readonly kind: "abort_process" }
  /** Takes so many bytes outside of the heap at once, keeps them, and goes no further. */
  | { readonly kind: "allocate"; readonly bytes: number }
  /** Reads from a pipe that nobody writes to, in native code: `terminate()` doesn't end it. */
  | { readonly kind: "stall"; readonly pipe: string };

/** The environment variable that names the socket to threads and processes. */
export const socketVariable = "HAKIRI_TEST_DIRECTOR";
