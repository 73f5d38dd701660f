/**
 * Prepares a password for SCRAM as PostgreSQL does (RFC 4013), but with today's NFKC in the place
 * of Unicode 3.2's: the two differ for characters that were added or corrected since, and then only
 * where one side normalises and the other doesn't.
 */

const spaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
const nothing =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
const prohibited =
  /\p{Cc}|\p{Co}|\p{Cs}|\p{Noncharacter_Code_Point}|[\u06dd\u070f\u2028-\u2029\u206a-\u206f]/u;

/** The prepared password; one that may not be prepared stays as it is, as the server does it. */
export function saslPrep(password: string): string {
  const mapped = password.replaceAll(spaces, " ").replaceAll(nothing, "");
  const prepared = mapped.normalize("NFKC");
  return prepared === "" || prohibited.test(prepared) ? password : prepared;
}
