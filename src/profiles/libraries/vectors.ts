/** Checks usearch: nearest neighbours in a small index of half-precision vectors. */
import { Index, MetricKind, ScalarKind } from "usearch";

/** Indexes four vectors and finds one by a near copy. */
export async function checkVectors(): Promise<string> {
  const index = new Index(4, MetricKind.Cos, ScalarKind.F16);
  for (let key = 0; key < 4; key++) {
    index.add(
      BigInt(key),
      Float32Array.from({ length: 4 }, (_, i) => (i === key ? 1 : 0)),
    );
  }
  const { keys } = index.search(Float32Array.of(0.1, 0, 0.9, 0), 1, 0);
  if (keys[0] !== 2n) throw new Error(`expected key 2 to be nearest, got ${String(keys[0])}`);
  return `${index.size()} vectors, nearest found`;
}
