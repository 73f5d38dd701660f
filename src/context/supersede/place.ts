/** A row's place, as relations tell it, back in the two columns of a deletes file. */

/** Where the row number ends in a place (table-relation.ts). */
const rowMask = 2n ** 40n - 1n;

/** The select items `file_id, row_number` of a place expression; `order` as in `placeOrder`. */
export function fileAndRow(place: string, order: readonly number[]): string {
  const list = `[${order.join(", ")}]::BIGINT[]`;
  return `(${list})[(${place} >> 40) + 1] AS file_id, ${place} & ${rowMask} AS row_number`;
}
