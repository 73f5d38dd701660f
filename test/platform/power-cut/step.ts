/**
 * What happened to a filesystem, step by step, as data: a power cut falls between two steps. Paths
 * are the port's, as they were when the step was taken.
 */

/** A file that a durable step left behind: a catalog, as a backup of it reads. */
export interface SnapshotFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One step. Its bytes are its own: nobody changes them later. */
export type Step =
  /** A new file under a name, empty. Where the name is taken it stands for another file now. */
  | { readonly type: "create"; readonly path: string }
  /** Bytes at an offset, by the number that `create` gave the file. */
  | {
      readonly type: "write";
      readonly file: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** The whole content written anew by something else than the port. */
  | { readonly type: "overwrite"; readonly file: number; readonly bytes: Uint8Array }
  | { readonly type: "syncFile"; readonly file: number }
  | { readonly type: "makeFolder"; readonly path: string }
  | { readonly type: "link"; readonly from: string; readonly to: string }
  | { readonly type: "rename"; readonly from: string; readonly to: string }
  | { readonly type: "unlink"; readonly path: string }
  | { readonly type: "removeFolder"; readonly path: string }
  | { readonly type: "syncFolder"; readonly path: string }
  /** Something that syncs by itself returned: these files are on the disk, contents and names. */
  | { readonly type: "durable"; readonly name: string; readonly files: readonly SnapshotFile[] };

/** A step in a few words, for the message of a failed test. */
export function describeStep(step: Step): string {
  switch (step.type) {
    case "create":
    case "makeFolder":
    case "unlink":
    case "removeFolder":
    case "syncFolder":
      return `${step.type} ${step.path}`;
    case "write":
      return `write ${step.bytes.byteLength} bytes at ${step.offset} of file ${step.file}`;
    case "overwrite":
      return `overwrite file ${step.file} with ${step.bytes.byteLength} bytes`;
    case "syncFile":
      return `syncFile of file ${step.file}`;
    case "link":
    case "rename":
      return `${step.type} ${step.from} -> ${step.to}`;
    case "durable":
      return `durable step ${step.name}`;
  }
}
