/** Random calls of the filesystem port as values, to do the same to two adapters. */
import fc from "fast-check";
import { HakiriError } from "../../src/core/error.ts";
import type { Filesystem } from "../../src/core/ports/filesystem.ts";

/** One call. A written file is closed again. */
export type Call =
  | {
      readonly type: "write";
      readonly path: string;
      readonly text: string;
      readonly isSynced: boolean;
    }
  | {
      readonly type:
        "makeFolder" | "unlink" | "removeFolder" | "syncFile" | "syncFolder" | "list" | "read";
      readonly path: string;
    }
  | { readonly type: "link" | "rename"; readonly from: string; readonly to: string };

const path = fc.constantFrom("a", "b", "f", "f/a", "f/b", "f/g", "f/g/a", "h", "h/a");

/** Calls on a few paths, so that they meet. */
export const anyCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("write" as const),
      path,
      text: fc.string({ maxLength: 5 }),
      isSynced: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom(
        "makeFolder" as const,
        "unlink" as const,
        "removeFolder" as const,
        "syncFile" as const,
        "syncFolder" as const,
        "list" as const,
        "read" as const,
      ),
      path,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("link" as const, "rename" as const),
      from: path,
      to: path,
    }),
  },
);

/** Does a call; answers what it answered, or "failed" for a HakiriError. */
export async function perform(filesystem: Filesystem, call: Call): Promise<unknown> {
  try {
    return (await answerOf(filesystem, call)) ?? "done";
  } catch (error) {
    if (error instanceof HakiriError) return "failed";
    throw error;
  }
}

async function answerOf(filesystem: Filesystem, call: Call): Promise<unknown> {
  switch (call.type) {
    case "write": {
      const file = await filesystem.create(call.path);
      await file.write(new TextEncoder().encode(call.text));
      if (call.isSynced) await file.sync();
      return file.close();
    }
    case "makeFolder":
      return filesystem.makeFolder(call.path);
    case "unlink":
      return filesystem.unlink(call.path);
    case "removeFolder":
      return filesystem.removeFolder(call.path);
    case "syncFile":
      return (
        (await filesystem.stat(call.path))?.kind === "folder" || filesystem.syncFile(call.path)
      );
    case "syncFolder":
      return filesystem.syncFolder(call.path);
    case "list":
      return filesystem.list(call.path);
    case "read":
      return new TextDecoder().decode(await filesystem.read(call.path, 1024));
    case "link":
      return filesystem.link(call.from, call.to);
    case "rename":
      // The port renames files.
      if ((await filesystem.stat(call.from))?.kind === "folder") return "a folder";
      return filesystem.rename(call.from, call.to);
  }
}

/** Everything below the root by path: the text of a file, null for a folder. */
export async function treeOf(filesystem: Filesystem): Promise<Record<string, string | null>> {
  const tree: Record<string, string | null> = {};
  const walk = async (folder: string): Promise<void> => {
    for (const name of await filesystem.list(folder)) {
      const below = folder === "" ? name : `${folder}/${name}`;
      if ((await filesystem.stat(below))?.kind === "folder") {
        tree[below] = null;
        await walk(below);
      } else {
        tree[below] = new TextDecoder().decode(await filesystem.read(below, 1024 * 1024));
      }
    }
  };
  await walk("");
  return tree;
}
