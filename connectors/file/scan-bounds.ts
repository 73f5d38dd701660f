/**
 * How much one scan takes. Each is complete or absent, so a failure costs what one had read; and
 * each journals a list of all files so far, so there must not be too many.
 */

/** Bounds of one scan. A file larger than `bytesMax` is a scan alone. */
export interface ScanBounds {
  readonly filesMax: number;
  readonly bytesMax: number;
}

/** Files and bytes that any scan may take. */
export const smallScan: ScanBounds = { filesMax: 4096, bytesMax: 1024 ** 3 };

/** Scans that the largest reads are divided into, changes of layout apart. */
export const scansTarget = 64;

/** Files of a scan of a read that stops after some rows. */
const limitedFilesMax = 16;

/** The bounds for reading so many files of so many bytes. */
export function scanBounds(files: number, bytes: number): ScanBounds {
  return {
    filesMax: Math.max(smallScan.filesMax, Math.ceil(files / scansTarget)),
    bytesMax: Math.max(smallScan.bytesMax, Math.ceil(bytes / scansTarget)),
  };
}

/** The bounds of a read that stops after some rows. */
export const limitedScan: ScanBounds = { ...smallScan, filesMax: limitedFilesMax };
