/** What a TLS connection is told by from another (RFC 5929): the digest of its certificate. */
import { createHash, type X509Certificate } from "node:crypto";

/** `tls-server-end-point` of the server's certificate; null where its kind has no digest. */
export function serverEndPoint(certificate: X509Certificate): Uint8Array | null {
  const said = certificate.signatureAlgorithm ?? "";
  const digest = /md5|sha-?(?:1(?!\d)|224|256|384|512)/iu.exec(said)?.[0]?.toLowerCase();
  if (digest === undefined) return null;
  const name = digest.replace("-", "");
  // Older digests are replaced, as the RFC has it.
  const used = name === "md5" || name === "sha1" ? "sha256" : name;
  return createHash(used).update(certificate.raw).digest();
}
