/** An error as a document, the same wherever hakiri prints one. */
import type { HakiriError } from "../core/error.ts";
import type { Json } from "../core/json.ts";

/** An error as `--json` prints it: what is unknown is absent. */
export function errorDocument(error: HakiriError): Json {
  const { kind, code, message, hint, where, evidence, retryAfterMs } = error;
  return {
    kind,
    code,
    message,
    hint,
    ...(Object.keys(where).length > 0 && { where: { ...where } }),
    ...(evidence !== undefined && { evidence }),
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
  };
}
