/** The errors of what starts actors. */
import { HakiriError } from "../core/error.ts";

/** Transient `actors.full`: as many actors run as may. */
export function actorsFull(actorsMax: number): HakiriError {
  return new HakiriError({
    kind: "Transient",
    code: "actors.full",
    message: `expected room for one more actor, but ${actorsMax} may run and do`,
    hint: "",
  });
}

/** Transient `actors.closed`: everything is being ended. */
export function actorsClosed(): HakiriError {
  return new HakiriError({
    kind: "Transient",
    code: "actors.closed",
    message: "expected a runner of actors that is open, but it is being closed",
    hint: "",
  });
}
