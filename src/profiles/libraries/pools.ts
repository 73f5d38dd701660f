/** Checks piscina and comlink: a task in a pool of one thread, a call over a message channel. */
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import * as comlink from "comlink";

/** Runs one task in a worker thread and one remote call, and tells both answers. */
export async function checkPools(): Promise<string> {
  const pool = new Piscina<number, number>({
    filename: new URL("./doubling-thread.ts", import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
  });
  try {
    return `piscina doubled 21 to ${await pool.run(21, { name: "double" })}, ${await callOverChannel()}`;
  } finally {
    await pool.close();
  }
}

async function callOverChannel(): Promise<string> {
  const { port1, port2 } = new MessageChannel();
  try {
    comlink.expose({ add: (a: number, b: number) => a + b }, port1);
    const remote = comlink.wrap<{ add(a: number, b: number): number }>(port2);
    return `comlink added 2 and 3 to ${await remote.add(2, 3)}`;
  } finally {
    port1.close();
    port2.close();
  }
}
