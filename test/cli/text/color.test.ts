/** Who decides over colours. */
import { expect, test } from "vitest";
import { wantsColor } from "../../../src/cli/text/color.ts";

const terminal = { isTty: true, noColor: false };
const pipe = { isTty: false, noColor: false };

test.each([
  ["a terminal", {}, terminal, true],
  ["a pipe", {}, pipe, false],
  ["--no-color before FORCE_COLOR", { FORCE_COLOR: "1" }, { ...terminal, noColor: true }, false],
  ["NO_COLOR before FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, terminal, false],
  ["an empty NO_COLOR, which says nothing", { NO_COLOR: "" }, terminal, true],
  ["FORCE_COLOR on a pipe", { FORCE_COLOR: "1" }, pipe, true],
  ["FORCE_COLOR before TERM=dumb", { FORCE_COLOR: "3", TERM: "dumb" }, terminal, true],
  ["FORCE_COLOR=0", { FORCE_COLOR: "0" }, terminal, false],
  ["an empty FORCE_COLOR, which says nothing", { FORCE_COLOR: "" }, pipe, false],
  ["TERM=dumb", { TERM: "dumb" }, terminal, false],
])("%s", (_, env, stream, wanted) => {
  expect(wantsColor(env, stream)).toBe(wanted);
});
