/** Checks the MCP server: one tool, listed over Streamable HTTP on the loopback. */
import type { NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { withLoopback } from "./loopback.ts";

/** Asks a server for its tools and tells what it answered. */
export async function checkMcp(): Promise<string> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "doctor", version: "1.0.0" });
    server.registerTool("check", { description: "Answers ok." }, async () => ({
      content: [{ type: "text", text: "ok" }],
    }));
    return server;
  });
  const listener = toNodeHandler(handler);
  return withLoopback(
    // The adapter's types leave out that Node's optional fields may be undefined.
    (request, response) => void listener(request as NodeIncomingMessageLike, response),
    async (url) => {
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
      });
      const text = await answer.text();
      if (!text.includes('"check"'))
        throw new Error(`expected the tool's name, got: ${text.slice(0, 200)}`);
      return `tools/list answered ${answer.status} in ${text.length} bytes`;
    },
  );
}
