/** A manifest with something in each of its members. */
import { specOf } from "../../catalog/commands.ts";
import type { Manifest } from "../../../src/core/snapshot.ts";
import {
  cursorAt,
  fileOf,
  idOf,
  pipelineId,
  runId,
  schemaOf,
  storeId,
  tableId,
} from "../fixtures.ts";

/** One table that a run makes, one that a merge changes, and a cursor that is taken away. */
export const manifestFixture: Manifest = {
  kind: "run",
  storeId,
  pipelineId,
  pipelineName: "shop",
  pipeline: { key: "test:shop", spec: specOf("shop") },
  runId,
  epoch: 7,
  baseSequence: 3,
  loadedAtMicros: "1700000000000000",
  tables: [
    {
      tableId,
      namespace: "main",
      name: "orders",
      created: { naming: "source", shared: false, reserved: [2_000_000_001, 2_000_000_002] },
      disposition: "append",
      schema: schemaOf(1),
      added: [fileOf(0)],
      removed: [],
    },
    {
      tableId: idOf("6"),
      namespace: "crm",
      name: "Kund·innen",
      created: null,
      disposition: "merge",
      schema: null,
      added: [{ ...fileOf(1), kind: "deletes", masks: [{ fileId: 12, rows: 2 }] }],
      removed: [11],
    },
  ],
  cursors: [
    {
      stream: "orders",
      partition: "",
      cursor: { ...cursorAt("41"), boundary: { count: 2, sha256: "a".repeat(64) } },
      boundaryPath: `runs/${runId}/7-0.lines`,
    },
    { stream: "orders", partition: "p1", cursor: null, boundaryPath: null },
  ],
};
