/** A source of files, one of which is a named pipe when it comes to reading it. */
import type { Scan } from "../../../src/core/scan.ts";
import type { OpenRequest, Reader, Source } from "../../../src/core/ports/source.ts";

/** The environment variable that names the pipe. */
export const pipeVariable = "HAKIRI_TEST_PIPE";

/** The stream that is read from the pipe. */
export const stuckStream = "stuck";

/** The source, with scans of `stuckStream` that read the pipe. */
export function stallingSource(source: Source, pipe: string): Source {
  return {
    discover: (context) => source.discover(context),
    open: async (request: OpenRequest): Promise<Reader> => {
      const reader = await source.open(request);
      return request.stream === stuckStream ? stallingReader(reader, pipe) : reader;
    },
    close: () => source.close(),
  };
}

function stallingReader(reader: Reader, pipe: string): Reader {
  return {
    next: async () => {
      const item = await reader.next();
      return item.kind === "scan" ? { ...item, scan: ofPipe(item.scan, pipe) } : item;
    },
    // It never comes to what follows a read.
    verifyScan: () => Promise.reject(new Error("expected a read without an end")),
    close: () => reader.close(),
  };
}

function ofPipe(scan: Scan, path: string): Scan {
  return { ...scan, files: scan.files.map((file) => ({ ...file, path })) };
}
