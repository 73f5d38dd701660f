/** Checks Biscuit tokens: one signed, one checked against a policy. */
import {
  AuthorizerBuilder,
  Biscuit,
  KeyPair,
  SignatureAlgorithm,
} from "@biscuit-auth/biscuit-wasm";

/** Signs a right and authorises one use of it. */
export async function checkTokens(): Promise<string> {
  const root = new KeyPair(SignatureAlgorithm.Ed25519);
  const builder = Biscuit.builder();
  builder.addCode('right("shop", "read")');
  const token = builder.build(root.getPrivateKey());
  const authorizer = new AuthorizerBuilder();
  authorizer.addCode('allow if right("shop", "read")');
  const policy = authorizer.buildAuthenticated(token).authorize();
  return `a token of ${token.toBase64().length} characters, allowed by policy ${policy}`;
}
