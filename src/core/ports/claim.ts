/** The right to write one pipeline, held by one process at a time. */

/** A held claim. */
export interface Claim {
  /** Gives it up. Idempotent; the operating system does it when the process dies. */
  release(): void;
}

/** Hands out claims. */
export interface Claims {
  /**
   * Takes the pipeline's claim or answers null where another process holds it.
   * Never waits: who gets null reports who may hold it.
   */
  take(pipelineId: string): Claim | null;
}
