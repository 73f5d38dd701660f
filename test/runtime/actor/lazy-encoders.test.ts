/** Threads that encode: started when they pay, ended with the run. */
import { expect, test } from "vitest";
import { lazyEncoders, ownPartsMax } from "../../../src/runtime/actor/lazy-encoders.ts";

const request = { columns: [], rows: 0 };
const own = Uint8Array.of(0);
const pooled = Uint8Array.of(1);
const encode = async (): Promise<Uint8Array> => own;

test("a run's own thread encodes the first parts, and one pool all others", async () => {
  const events: string[] = [];
  const encoders = lazyEncoders(
    {
      encode,
      startEncoders: async (threads) => {
        events.push(`starts ${threads}`);
        return {
          encode: async () => pooled,
          close: async () => void events.push("closes"),
        };
      },
    },
    { encodeThreads: 2 },
  );
  const parts = await Promise.all(
    Array.from({ length: ownPartsMax + 3 }, () => encoders.encode(request)),
  );
  expect(parts).toEqual([own, own, pooled, pooled, pooled]);
  await encoders.close();
  expect(events).toEqual(["starts 2", "closes"]);
});

test("no thread is started where none is wanted, or the run is small", async () => {
  const startEncoders = (): never => {
    throw new Error("expected no pool");
  };
  const small = lazyEncoders({ encode, startEncoders }, { encodeThreads: 1 });
  const none = lazyEncoders({ encode, startEncoders }, {});
  for (const encoders of [small, none]) {
    for (let part = 0; part < ownPartsMax; part += 1) {
      expect(await encoders.encode(request)).toBe(own);
    }
  }
  expect(await none.encode(request)).toBe(own);
  await small.close();
  await none.close();
});

test("a pool that doesn't start fails the parts that it was to encode", async () => {
  const startEncoders = async (): Promise<never> => {
    throw new Error("no thread");
  };
  const encoders = lazyEncoders({ encode, startEncoders }, { encodeThreads: 1 });
  for (let part = 0; part < ownPartsMax; part += 1) await encoders.encode(request);
  await expect(encoders.encode(request)).rejects.toThrow("no thread");
  await encoders.close();
});
