/** Statements on sessions of their own in this thread, and their results as text. */
import type { OpenQuery, ResultFormat } from "../../../src/context/query/protocol.ts";
import { QuerySession } from "../../../src/context/query/query-session.ts";
import { withFolder } from "../temporary-folder.ts";
import { limits } from "./queries.ts";

/** JSON as it is by default. */
export const json: ResultFormat = { kind: "json", numbers: "text" };

/** Opens a session for the time of the callback; it may read nothing, unless said otherwise. */
export async function withSession<T>(
  query: string,
  more: Partial<OpenQuery>,
  use: (session: QuerySession) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const session = new QuerySession({
      id: 1,
      explain: "",
      query,
      views: "",
      paths: [],
      format: json,
      limits,
      temporaryFolder: `${folder}/temp/q`,
      ...more,
    });
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  });
}

/** The pieces of a statement's result. */
export async function piecesOf(
  query: string,
  more: Partial<OpenQuery> = {},
): Promise<readonly Uint8Array[]> {
  return withSession(query, more, async (session) => {
    await session.open();
    const pieces: Uint8Array[] = [];
    for (let piece = await session.next(); piece !== null; piece = await session.next()) {
      pieces.push(piece);
    }
    return pieces;
  });
}

/** The text of a statement's result. */
export async function textOf(query: string, more: Partial<OpenQuery> = {}): Promise<string> {
  return new TextDecoder().decode(Buffer.concat(await piecesOf(query, more)));
}
