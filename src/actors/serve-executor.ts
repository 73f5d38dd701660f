/**
 * The executor's side: hosts actors in threads of this process, and relays what they say.
 *
 *   Owns:    the threads, and the end of this process.
 *   Doesn't: decide anything: it starts, passes on and ends what the control process says.
 *   X1. When the channel to the control process is lost, this process dies at once: another one may
 *       hold the claims of its runs already.
 *   X2. A defect on this side is said on stderr and ends the process as surely.
 *   X3. Signals for the whole group of processes (Ctrl-C, a service's stop) are left to the control
 *       process, which ends its executors in order.
 */
import type { FromExecutor, ToExecutor } from "./protocol.ts";
import { toHakiriError } from "../core/error.ts";
import { errorRecordOf } from "./actor-error.ts";
import { decodeToExecutor, encodeControl } from "./control-frame.ts";
import { startLocalThread, type LocalThread } from "./thread-host.ts";

/** This process, as far as it is used. */
export interface ExecutorSelf {
  readonly pid: number;
  readonly stderr: { write(text: string): unknown };
  readonly send?: ((frame: Uint8Array, sent: (error: unknown) => void) => unknown) | undefined;
  kill(pid: number, signal: "SIGKILL"): unknown;
  exit(exitCode: number): void;
  on(event: "uncaughtException", listener: (thrown: unknown) => void): unknown;
  on(event: "message", listener: (frame: unknown) => void): unknown;
  on(event: "disconnect" | "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
}

/** Serves the control process that forked this one, until the channel closes. */
export function serveExecutor(self: ExecutorSelf): void {
  if (self.send === undefined) throw new Error("expected to be forked with a channel");
  const threads = new Map<number, LocalThread>();
  // What can't be sent finds the channel lost, which is dealt with by X1.
  const send = (message: FromExecutor): void => {
    self.send?.(encodeControl(message), () => undefined);
  };
  // By SIGKILL, since `process.exit` waits for ever for a thread that is stuck in a native call.
  const die = (): void => void self.kill(self.pid, "SIGKILL");

  self.on("message", (frame) => serve(decodeToExecutor(frame)));
  self.on("disconnect", die);
  self.on("uncaughtException", (thrown) => {
    const { message, stack = message } = toHakiriError(thrown);
    self.stderr.write(`${stack}\n`);
    die();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) self.on(signal, () => undefined);
  send({ type: "ready" });

  function serve(message: ToExecutor): void {
    switch (message.type) {
      case "start-actor":
        start(message);
        break;
      case "to-actor":
        threads.get(message.actor)?.post(message.message, []);
        break;
      case "terminate-actor":
        threads.get(message.actor)?.terminate();
        break;
      case "ping":
        send({ type: "pong", ping: message.ping });
        break;
      case "end":
        self.exit(0);
    }
  }

  function start(order: Extract<ToExecutor, { type: "start-actor" }>): void {
    const { actor, name, env, limits } = order;
    try {
      const thread = startLocalThread(
        { id: name, entry: new URL(order.entry), env, limits },
        {
          message: (message) => send({ type: "from-actor", actor, message }),
          ended: (end) => {
            threads.delete(actor);
            send({ type: "actor-ended", actor, end });
          },
        },
      );
      threads.set(actor, thread);
      send({ type: "spawned", actor, threadId: thread.threadId });
    } catch (thrown) {
      const exit = {
        kind: "thrown",
        error: errorRecordOf(thrown),
      } as const;
      send({ type: "actor-ended", actor, end: { exit, output: "" } });
    }
  }
}
