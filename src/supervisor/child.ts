/**
 * What a supervisor supervises: anything that can be started, told to stop, and killed. Actors are
 * (`actor-child.ts`), and supervisors themselves.
 */
import type { ErrorRecord } from "../core/error.ts";
import type { Restart } from "./restart.ts";

/** How a child ended. Only a normal end leaves a transient child down. */
export type ChildExit =
  { readonly kind: "normal" } | { readonly kind: "abnormal"; readonly error: ErrorRecord };

/** A child that was started. */
export interface Child {
  /** Resolves once the child has ended, however; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Tells it to end in order; it may take its time. Idempotent, and nothing after its end. */
  stop(): void;
  /** Ends it by force. `exited` resolves within a bounded time after. Idempotent. */
  kill(): void;
}

/** How a child is started, stopped, and started again. */
export interface ChildSpec {
  /** Unique within its supervisor. */
  readonly id: string;
  /**
   * Starts the child, and resolves once it has begun its work. Rejects soon once `signal` aborts,
   * and leaves nothing running where it rejects.
   */
  readonly start: (signal: AbortSignal) => Promise<Child>;
  readonly restart: Restart;
  /** How long it may take to stop before it is killed, ms; or that it is killed at once. */
  readonly shutdown: number | "brutal_kill";
  /** Whether its end may end the supervisor, see `AutoShutdown`. False where left out. */
  readonly isSignificant?: boolean;
}
