/** Checks the DynamoDB client: one conditional write to the loopback. */
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { withLoopback } from "./loopback.ts";

/** Sends one conditional PutItem and tells which operation arrived. */
export async function checkDynamodb(): Promise<string> {
  let target = "";
  return withLoopback(
    (request, response) => {
      target = String(request.headers["x-amz-target"]);
      const headers = { "content-type": "application/x-amz-json-1.0" };
      request.resume().on("end", () => response.writeHead(200, headers).end("{}"));
    },
    async (endpoint) => {
      const client = new DynamoDBClient({
        endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "doctor", secretAccessKey: "doctor" },
      });
      try {
        await client.send(
          new PutItemCommand({
            TableName: "catalog",
            Item: { id: { S: "head" } },
            ConditionExpression: "attribute_not_exists(id)",
          }),
        );
      } finally {
        client.destroy();
      }
      return `sent ${target}`;
    },
  );
}
