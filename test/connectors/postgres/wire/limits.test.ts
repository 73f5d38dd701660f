/** The bounds of what is kept of a server's words, each at its most and one beyond. */
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { Inbox, waitingMax } from "../../../../connectors/postgres/wire/inbox.ts";
import { MessageBody } from "../../../../connectors/postgres/wire/message-body.ts";
import { backend } from "../../../../connectors/postgres/wire/message-reader.ts";
import { QueryActivity } from "../../../../connectors/postgres/wire/query-result.ts";
import { StallWatch } from "../../../../connectors/postgres/wire/stall-watch.ts";
import { ManualClock } from "../../../platform/manual-clock.ts";
import { said } from "./fake-server.ts";

const body = (...parts: readonly (string | number | Uint8Array)[]): MessageBody => {
  const bytes = said("x", ...parts);
  return new MessageBody(bytes, 5, bytes.length);
};
const fields = (): MessageBody =>
  body(Buffer.from([0, 1]), "n\0", 0, Buffer.alloc(2), 25, Buffer.alloc(2), -1, Buffer.alloc(2));
/** A row of one text; it weighs 6 bytes more. */
const row = (text: string): MessageBody => body(Buffer.from([0, 1]), text.length, text);

test("a result of the most rows and bytes is kept, and one beyond is refused", async () => {
  const full = new QueryActivity({ rowsMax: 2, bytesMax: 1000 });
  full.message(backend.rowDescription, fields());
  full.message(backend.dataRow, row("a"));
  full.message(backend.dataRow, row("b"));
  expect(() => {
    full.message(backend.dataRow, row("c"));
  }).toThrow(expect.objectContaining({ code: "postgres.result_too_large" }));
  full.ready();
  expect((await full.result).rows).toEqual([["a"], ["b"]]);
  const wide = new QueryActivity({ rowsMax: 10, bytesMax: 16 });
  wide.message(backend.rowDescription, fields());
  wide.message(backend.dataRow, row("0123456789"));
  expect(() => {
    wide.message(backend.dataRow, row(""));
  }).toThrow(expect.objectContaining({ code: "postgres.result_too_large" }));
  // The next statement's rows begin anew.
  wide.message(backend.rowDescription, fields());
  wide.message(backend.dataRow, row("0123456789"));
});

test("an inbox holds the most messages that may come unasked, and no more", async () => {
  const inbox = new Inbox();
  const notice = said("N", "\0");
  for (let count = 0; count < waitingMax; count += 1) inbox.chunk(notice, notice.length);
  expect(() => {
    inbox.chunk(notice, notice.length);
  }).toThrow(`${waitingMax} messages`);
  expect((await inbox.next()).type).toBe(backend.notice);
  expect(inbox.takeRest()).toHaveLength(waitingMax - 1);
});

test("a stall is told once, no sooner than a period after the last sign of life", () => {
  const clock = new ManualClock();
  const seen = { signs: 0, stalls: 0 };
  const watch = new StallWatch(
    clock,
    1000,
    () => seen.signs,
    () => {
      seen.stalls += 1;
    },
  );
  watch.start();
  clock.advance(900);
  seen.signs += 1;
  clock.advance(1000);
  expect(seen.stalls).toBe(0);
  clock.advance(1000);
  expect(seen.stalls).toBe(1);
  clock.advance(10_000);
  expect(seen.stalls).toBe(1);
  watch.start();
  watch.stop();
  expect(clock.scheduled).toBe(0);
});
