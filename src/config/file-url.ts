/** `file:` URLs as the text of a path, and the JSON pointer after `#`. */
import { usageError, type HakiriError } from "../core/error.ts";

/**
 * Takes `file:///a/b.csv`, `file:/a/b.csv`, `file://localhost/a/b.csv` and the relative
 * `file:b.csv` apart, percent-decoded. Throws `usage.invalid_uri` for another host and for
 * parameters.
 */
export function textOfFileUrl(url: string): { readonly text: string; readonly pointer: string } {
  const rest = url.slice("file:".length);
  const [, authority, path = "", query, fragment = ""] =
    /^(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(?:#(.*))?$/su.exec(rest) ?? [];
  if (authority !== undefined && authority !== "" && authority.toLowerCase() !== "localhost") {
    throw invalid(
      "expected a file: URL without a host, got one with a host",
      "write file:///folder/file.csv with three slashes, or just the path",
    );
  }
  if (query !== undefined) {
    throw invalid("expected a file: URL without '?', got one", "write %3F for a '?' in a name");
  }
  if (path === "" || /%(?:2F|00)/iu.test(path)) {
    throw invalid(
      "expected a file: URL with a path, got none, or one with %2F or %00 in it",
      "type just the path",
    );
  }
  return { text: decoded(path), pointer: decoded(fragment) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw invalid("expected a file: URL with %XX of UTF-8, got others", "write %25 for a '%'");
  }
}

function invalid(message: string, hint: string): HakiriError {
  return usageError("invalid_uri", message, hint);
}
