/** Actors in threads of this process and of an executor process keep the same promises. */
import { startExecutor } from "../../src/actors/executor-process.ts";
import { threadHost } from "../../src/actors/thread-host.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { describeActors } from "./actor-contract.ts";
import { compiledEnv } from "./compiled.ts";

describeActors("a thread of this process", async () => ({
  host: threadHost,
  close: async () => undefined,
}));

describeActors("a thread of an executor", async () => {
  const executor = await startExecutor({
    entry: new URL("./fixtures/executor.ts", import.meta.url),
    env: compiledEnv,
    clock: systemClock,
  });
  return {
    host: executor,
    close: async () => {
      executor.end();
      await executor.exited;
    },
  };
});
