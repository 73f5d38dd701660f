/** A scanner for tests that are about files, not types: every column of a CSV file is text. */
import { readFileSync } from "node:fs";
import type { Field, Scanner } from "../../../src/connector.ts";

/** Describes CSV files by their first line, and counts how often it was asked. */
export class PlainScanner implements Scanner {
  questions = 0;

  describe(question: Parameters<Scanner["describe"]>[0]): ReturnType<Scanner["describe"]> {
    this.questions += 1;
    if (question.kind !== "csv") throw new Error("expected CSV files");
    const [first] = question.files;
    const [line = ""] = readFileSync(first?.path ?? "", "utf8").split("\n");
    const fields = line
      .split(",")
      .map((_, index): Field => ({ name: `p${index}`, type: { kind: "text" }, nullable: true }));
    const schema = { fields, primaryKey: [] };
    return Promise.resolve({ schema, dialect: null, sample: [] });
  }
}
