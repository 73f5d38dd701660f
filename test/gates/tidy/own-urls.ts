/**
 * How a file of the tree gets the path of another one.
 */
import { lineAt, visitNodes } from "../parse.ts";
import type { Check } from "./check.ts";

/** `pathname` writes `%20` for a space, so what it names is not there in a folder with a space. */
export const ownUrls: Check = {
  claim: "a file that makes URLs of its own place turns them into paths by fileURLToPath only",
  floor: 20,
  looksAt: (path) => path.endsWith(".ts"),
  find: (files) =>
    files.flatMap((file) => {
      if (!file.text.includes("import.meta.url")) return [];
      const found: string[] = [];
      visitNodes(file, (node) => {
        if (node.type !== "MemberExpression" || nameOf(node["property"]) !== "pathname") return;
        const line = lineAt(file.text, node.start);
        found.push(`${file.path}:${String(line)}: takes a URL's pathname for a path`);
      });
      return found;
    }),
};

function nameOf(node: unknown): unknown {
  return typeof node === "object" && node !== null && "name" in node ? node.name : null;
}
