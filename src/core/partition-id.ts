/** What a partition of a stream may be called: the id stands in the names of its parts. */

/** `<epoch>-del-<try>.parquet` are position deletes, so no part may be `<epoch>-del-<seq>`. */
const pattern = /^(?!del$)[a-z0-9-]{1,40}$/u;

/** Whether a text is the id of a partition: `[a-z0-9-]{1,40}`, but not `del`. */
export function isPartitionId(text: string): boolean {
  return pattern.test(text);
}
