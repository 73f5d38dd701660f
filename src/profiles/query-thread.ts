/** Entry of the thread that runs queries. */
import { workerData } from "node:worker_threads";
import { serveQueries } from "../context/query/query-worker.ts";

serveQueries(workerData);
