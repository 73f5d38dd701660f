/** Points within the statements of DuckDB. */
import { DuckDBConnection } from "@duckdb/node-api";
import { signalSelf, type KillSwitch } from "./kill-switch.ts";

/** DuckDB works in a thread of its own: a statement is under way when this thread dies. */
export function dieWithinStatements(points: KillSwitch): void {
  const { run, runAndReadAll } = DuckDBConnection.prototype;
  const within = <T>(statement: Promise<T>): Promise<T> => {
    const plan = points.passes("compute");
    if (plan === null) return statement;
    const end = process.hrtime.bigint() + BigInt(plan.delayMicros) * 1000n;
    while (process.hrtime.bigint() < end);
    signalSelf(plan);
    return statement;
  };
  DuckDBConnection.prototype.run = function (...args: Parameters<typeof run>) {
    return within(run.apply(this, args));
  };
  DuckDBConnection.prototype.runAndReadAll = function (...args: Parameters<typeof runAndReadAll>) {
    return within(runAndReadAll.apply(this, args));
  };
}
