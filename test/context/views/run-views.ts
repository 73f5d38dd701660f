/**
 * A program: reads `.hakiri/views.sql` in its working folder with DuckDB alone, as `duckdb -init`
 * does, runs the query that it was given, and prints the rows as JSON.
 */
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const [query = ""] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await instance.connect();
await connection.run(readFileSync(process.env["VIEWS"] ?? ".hakiri/views.sql", "utf8"));
const reader = await connection.runAndReadAll(query);
process.stdout.write(JSON.stringify(reader.getRowsJson()));
