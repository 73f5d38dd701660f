/** Secrets as a port: a reference becomes a value at the last moment and is never kept. */
import type { SecretReference } from "../pipeline.ts";

/** Resolves references. */
export interface Secrets {
  /** Throws AuthExpired `secret.missing`, naming the variable or file, where there is none. */
  resolve(reference: SecretReference): Promise<string>;
}
