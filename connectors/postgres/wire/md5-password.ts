/** The answer to a server that asks for a password's md5. */
import { createHash } from "node:crypto";

/** `md5` and 32 hexadecimal digits, of the password, the user's name and the server's salt. */
export function md5Password(user: string, password: string, salt: Uint8Array): string {
  const inner = createHash("md5").update(password).update(user).digest("hex");
  return `md5${createHash("md5").update(inner).update(salt).digest("hex")}`;
}
