/** Process entry of the executors of these tests. */
import { serveExecutor } from "../../../src/actors/serve-executor.ts";

serveExecutor(process);
