/** Incremental reads of one stream, each from where the last one ended. */
import type { OpenRequest, Source, StartCursor } from "../../../../src/core/ports/source.ts";
import { readAll, requestOf, startOf, type ReadRows } from "./database.ts";

/** Reads the stream `t` by a column from where the last read ended. */
export class Follower {
  start: StartCursor | null = null;
  readonly #source: Source;
  readonly #request: Partial<OpenRequest>;

  constructor(source: Source, request: Partial<OpenRequest>) {
    this.#source = source;
    this.#request = request;
  }

  async read(): Promise<ReadRows> {
    const request = requestOf("t", { ...this.#request, cursor: this.start });
    const read = await readAll(this.#source, request);
    if (read.end.cursor !== null) this.start = startOf(read.end.cursor, this.start);
    return read;
  }
}
