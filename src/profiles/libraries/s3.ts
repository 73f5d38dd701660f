/** Checks the S3 client: one signed request to the loopback. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { withLoopback } from "./loopback.ts";

/** Sends one PutObject and tells how it was signed. */
export async function checkS3(): Promise<string> {
  let signature = "";
  return withLoopback(
    (request, response) => {
      signature = request.headers.authorization ?? "";
      request.resume().on("end", () => response.setHeader("etag", '"1"').end());
    },
    async (endpoint) => {
      const client = new S3Client({
        endpoint,
        region: "us-east-1",
        forcePathStyle: true,
        credentials: { accessKeyId: "doctor", secretAccessKey: "doctor" },
        requestChecksumCalculation: "WHEN_REQUIRED",
      });
      try {
        await client.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "body" }));
      } finally {
        client.destroy();
      }
      return `one PutObject, signed with ${signature.split(" ", 1)[0] ?? "nothing"}`;
    },
  );
}
