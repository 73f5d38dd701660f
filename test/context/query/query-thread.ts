/** Entry of the query thread in tests, as a profile's. */
import { workerData } from "node:worker_threads";
import { serveQueries } from "../../../src/context/query/query-worker.ts";

serveQueries(workerData);
