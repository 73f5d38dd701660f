/** How far line ends lie apart, whatever pieces the bytes come in. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LongestRun } from "../../../../connectors/file/csv/longest-run.ts";

const text = fc.string({ unit: fc.constantFrom("x", "y", "\n", "\r"), maxLength: 60 });

test("every run that is longer than a piece is found, and none that isn't there", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 8 }), (bytes, pieceBytes) => {
      const run = new LongestRun();
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        run.push(Buffer.from(bytes.slice(at, at + pieceBytes)));
      }
      const longest = Math.max(...bytes.split(/[\r\n]/u).map(({ length }) => length));
      expect(run.sizeBytes).toBeLessThanOrEqual(longest);
      if (longest >= pieceBytes) expect(run.sizeBytes).toBe(longest);
    }),
  );
});
