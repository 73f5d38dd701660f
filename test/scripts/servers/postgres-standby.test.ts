/** A standby follows its primary, and ends a read that is in the way of what it must replay. */
import { expect, test, vi } from "vitest";
import { startPostgres } from "../../../scripts/servers/embedded-postgres.ts";
import { startStandby } from "../../../scripts/servers/postgres-standby.ts";
import {
  optionsFor,
  refusalOf,
  withConnection,
} from "../../connectors/postgres/wire/connect-to.ts";
import { CountingSink } from "../../connectors/postgres/wire/counting-sink.ts";

test("a standby follows, and a conflict with recovery is a failure that passes", async () => {
  await using primary = await startPostgres({ password: "pw", settings: { autovacuum: "off" } });
  await using standby = await startStandby(primary, { max_standby_streaming_delay: 0 });
  await withConnection(optionsFor(primary), async (writer) => {
    await writer.query("CREATE TABLE t AS SELECT g FROM generate_series(1, 200000) g");
    await withConnection(optionsFor(standby), async (reader) => {
      expect(reader.parameters.get("in_hot_standby")).toBe("on");
      await vi.waitFor(
        async () => {
          expect((await reader.query("SELECT count(*) FROM t")).rows).toEqual([["200000"]]);
        },
        { timeout: 20_000 },
      );
      const sink = new CountingSink(1);
      const copy = reader.copyOut("COPY (SELECT * FROM t, t u) TO STDOUT (FORMAT binary)", sink);
      expect(await copy.pump(new AbortController().signal)).toBe("full");
      await writer.query("DELETE FROM t");
      await writer.query("VACUUM t");
      const reading = (async () => {
        do sink.empty();
        while ((await copy.pump(new AbortController().signal)) === "full");
      })();
      const failure = await refusalOf(reading);
      expect(failure).toMatchObject({ kind: "Transient", evidence: { sqlstate: "40001" } });
    });
  });
});
