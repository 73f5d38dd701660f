/**
 * SIGINT and SIGTERM.
 *
 *   I1. The first signal aborts; the command ends by itself, cleanly, and exits with 130.
 *   I2. The next one ends the process at once, by the system's own hand: the listeners are gone by
 *       then. `process.exit` would wait for worker threads, also for one that is stuck in a native
 *       call (measured). A shell sees 130 after SIGINT and 143 after SIGTERM.
 *   I3. What comes right after the first one is the same signal again: npm and `timeout` pass one
 *       on that the terminal sent to the whole group already.
 *
 * While the main thread itself is stuck, the first signal is not noticed; then only SIGKILL helps.
 */
import { HakiriError } from "../core/error.ts";

/** The signals that end a command. */
const names = ["SIGINT", "SIGTERM"] as const;

/** For so long after the first signal another one is taken for its echo. */
export const echoMs = 250;

/** What is needed of a process; Node's own has it. */
export interface SignalSource {
  on(name: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(name: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/**
 * Listens from now on, and answers the signal to end by. `after` calls back once, that many
 * milliseconds later, and keeps no process alive.
 */
export function abortOnInterrupt(
  source: SignalSource,
  after: (delayMs: number, pass: () => void) => void,
): AbortSignal {
  const controller = new AbortController();
  const listeners = names.map((name) => ({ name, listener: () => interrupt(name) }));
  const interrupt = (name: string): void => {
    if (controller.signal.aborted) return;
    controller.abort(interruptedBy(name));
    after(echoMs, () => {
      for (const own of listeners) source.off(own.name, own.listener);
    });
  };
  for (const own of listeners) source.on(own.name, own.listener);
  return controller.signal;
}

function interruptedBy(name: string): HakiriError {
  const code = "interrupted.signal";
  return new HakiriError({ kind: "Permanent", code, message: `interrupted by ${name}`, hint: "" });
}
