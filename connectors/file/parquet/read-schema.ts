/** Reads the schema of a Parquet file as a key: equal for files that are read alike. */
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { fileError, unreadable } from "../file-error.ts";
import type { InputFile } from "../input-file.ts";
import { schemaBytes } from "./schema-bytes.ts";

const magic = "PAR1";
/** Length of the footer, and the magic. */
const tailBytes = 8;

/** As much of a footer as is read: the schema stands at its beginning. */
const footerBytesMax = 16 * 1024 * 1024;

/**
 * A digest of the schema. Throws Permanent `file.no_parquet` for what isn't a whole Parquet file
 * that can be read without a key.
 */
export async function readSchemaKey({ path, name }: InputFile): Promise<string> {
  try {
    const handle = await open(path, "r");
    try {
      const schema = await readSchema(handle);
      if (schema === null) throw noParquet(name);
      return createHash("sha256").update(schema).digest("hex");
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

async function readSchema(handle: FileHandle): Promise<Uint8Array | null> {
  const { size } = await handle.stat();
  if (size < 2 * magic.length + tailBytes) return null;
  const head = await readAt(handle, 0, magic.length);
  const tail = await readAt(handle, size - tailBytes, tailBytes);
  const isWhole = [head, tail.subarray(4)].every((bytes) => bytes.toString("latin1") === magic);
  const footerBytes = tail.readUInt32LE(0);
  const footerAt = size - tailBytes - footerBytes;
  if (!isWhole || footerAt < magic.length) return null;
  return schemaBytes(await readAt(handle, footerAt, Math.min(footerBytes, footerBytesMax)));
}

/** Fewer bytes than asked for where the file ends before. */
async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await handle.read(buffer, 0, length, at);
  return buffer;
}

function noParquet(name: string): Error {
  return fileError("no_parquet", name, {
    message: `expected a whole Parquet file at '${name}', got something else`,
    hint: 'say what it is: format = "csv"; a Parquet file is never compressed as a whole',
  });
}
