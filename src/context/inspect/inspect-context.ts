/** What an inspection looks with. It changes nothing but pins of dead readers, which it removes. */
import type { HakiriError } from "../../core/error.ts";
import type { Catalog, Pins } from "../../core/ports/catalog.ts";
import type { Claims } from "../../core/ports/claim.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Publisher } from "../publish.ts";

/** A catalog that could be opened, or why it couldn't. */
export type InspectedCatalog =
  | {
      readonly kind: "open";
      readonly catalog: Catalog;
      /** What its own engine finds wrong in the whole of it. */
      readonly faults: () => Promise<readonly string[]>;
    }
  | { readonly kind: "failed"; readonly error: HakiriError };

/** What an inspection looks with. */
export interface InspectContext {
  readonly catalog: InspectedCatalog;
  readonly publisher: Publisher;
  readonly claims: Claims;
  readonly pins: Pins;
  readonly clock: Clock;
}

/** How closely it looks. */
export interface InspectOptions {
  /** Reads every byte of every file that a retained snapshot holds. */
  readonly deep: boolean;
  readonly signal: AbortSignal;
}
