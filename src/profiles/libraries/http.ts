/** Checks undici: one request to the loopback over a pool. */
import { Pool } from "undici";
import { withLoopback } from "./loopback.ts";

/** Reads one page and tells its status. */
export async function checkHttp(): Promise<string> {
  return withLoopback(
    (_, response) => response.end("[]"),
    async (url) => {
      const pool = new Pool(url);
      try {
        const { statusCode, body } = await pool.request({ path: "/", method: "GET" });
        return `GET answered ${statusCode} with ${(await body.text()).length} bytes`;
      } finally {
        await pool.close();
      }
    },
  );
}
