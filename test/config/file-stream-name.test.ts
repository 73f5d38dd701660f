/** Streams of files are named after them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileStreamName } from "../../src/config/file-stream-name.ts";

const named = (text: string, pointer = ""): string =>
  fileStreamName({ path: text, isPattern: /[*?[{]/u.test(text), pointer });

describe("a stream of files", () => {
  test.each([
    ["/data/orders.csv", "", "orders"],
    ["/data/Orders.CSV.GZ", "", "Orders"],
    ["/data/orders.2024.jsonl.zst", "", "orders_2024"],
    ["/data/my orders (new).parquet", "", "my_orders_new"],
    ["/data/bestellungen-für-köln.csv", "", "bestellungen_für_köln"],
    ["/data/订单.csv", "", "订单"],
    ["/data/2024.csv", "", "t_2024"],
    ["/data/.csv", "", "data"],
    ["/---/!!!.csv", "", "files"],
    ["/data/orders-*.csv", "", "orders"],
    ["/data/*_orders.csv.gz", "", "orders"],
    ["/data/orders/*.csv", "", "orders"],
    ["/data/orders/**/*.{csv,json}", "", "orders"],
    ["/data/orders/part-[0-9]?.parquet", "", "part"],
    ["/modules/*/package.json", "", "package"],
    ["/*.csv", "", "files"],
    ["/package-lock.json", "/packages", "packages"],
    ["/x.json", "/pages/0", "pages"],
    ["/x.json", "/0", "x"],
    ["/x.json", "/a~1b~0c", "a_b_c"],
    ["/x.json", "/", "x"],
  ])("%s with pointer '%s' is called %s", (path, pointer, name) => {
    expect(named(path, pointer)).toBe(name);
  });

  test("always has a name that SQL takes without quotes, keywords aside", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (path, pointer) => {
        expect(named(`/${path}`, pointer)).toMatch(/^[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*$/u);
      }),
    );
  });
});
