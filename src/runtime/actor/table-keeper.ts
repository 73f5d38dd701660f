/**
 * One table of a run: its identity, and its schema as streams bring new columns and types.
 *
 *   Owns:    the table's id, and the newest version of its schema.
 *   Doesn't: stage anything.
 *   T1. A version is in the journal before a line that names a part written under it.
 *   T2. Partitions take turns, so that two never make the same version.
 */
import { quarantineName, quarantineSchema } from "../../context/stage/quarantine.ts";
import { newId } from "../../context/layout.ts";
import { respellFields } from "../../core/respell.ts";
import type { ManifestTable } from "../../context/manifest/build.ts";
import type { HakiriError } from "../../core/error.ts";
import { planEvolution, type EvolutionOptions, type EvolutionPlan } from "../../core/evolution.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import { fileColumn, loadedAtColumn, runIdColumn } from "../../core/reserved-column.ts";
import type { Column, StreamSchema, TableSchema } from "../../core/schema.ts";
import { schemaIncompatible, type SchemaViolation } from "../../core/schema-violation.ts";
import type { TableRules } from "../../core/snapshot.ts";
import { formatTableName } from "../../core/table-name.ts";
import type { DataType } from "../../core/type.ts";
import type { IntegerBounds } from "../../core/unify-numbers.ts";
import type { BaseTable } from "../protocol.ts";
import { noExample, noValues, unionOf, type IncomingValues } from "./incoming-values.ts";
import type { RunFrame } from "./run-frame.ts";
import { storedIntegers } from "./stored-integers.ts";
import type { StreamPlan } from "./stream-plan.ts";

/** How a stream's rows go into their table. */
export interface Intake {
  readonly schema: TableSchema;
  /** One for each field of the stream. */
  readonly targets: readonly FieldTarget[];
}

type KnownBounds = Pick<EvolutionOptions, "columnBounds" | "incomingBounds">;

const nothingKnown: KnownBounds = { columnBounds: new Map(), incomingBounds: new Map() };

/** Whether the first is of integers, and the second of floats that may take them in. */
function isPromotion(from: DataType, to: DataType): boolean {
  const isInteger = from.kind === "int" || (from.kind === "decimal" && from.scale === 0);
  return to.kind === "float" && isInteger;
}

/** What a table is to take in, and what is done under the schema that it has then. */
export interface Staging<T> {
  readonly incoming: StreamSchema;
  readonly values: IncomingValues;
  readonly stage: (intake: Intake) => Promise<T>;
}

/** A table of a run. */
export class TableKeeper {
  readonly plan: StreamPlan;
  readonly tableId: string;
  readonly quarantine: QuarantineTable;
  /** As of the base; null where this run makes the table. */
  readonly base: BaseTable | null;
  readonly #frame: RunFrame;
  /** By the stream's name, of the integers of 64 bits that came in this attempt. */
  readonly #came = new Map<string, IntegerBounds>();
  #schema: TableSchema | null;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(frame: RunFrame, plan: StreamPlan, known: KnownTables) {
    this.#frame = frame;
    this.plan = plan;
    this.base = known.table;
    this.tableId = known.table?.tableId ?? known.adoptedId ?? newId(frame.random);
    this.#schema = known.adoptedSchema ?? known.table?.schema ?? null;
    this.quarantine = {
      base: known.quarantine,
      tableId: known.quarantine?.tableId ?? known.adoptedQuarantineId ?? newId(frame.random),
    };
  }

  /** The newest version; null for a table that nothing is known of yet. */
  get schema(): TableSchema | null {
    return this.#schema;
  }

  /**
   * Takes a stream's schema in, with what must be known of its values. Throws SchemaIncompatible
   * where the contract or the types refuse it.
   */
  take(incoming: StreamSchema, values: IncomingValues = noValues): Promise<Intake> {
    const isOfFiles = this.plan.description.hasFiles;
    return this.stageUnder((schema) => ({
      incoming:
        isOfFiles && schema !== null
          ? { ...incoming, fields: respellFields(incoming.fields, schema) }
          : incoming,
      values,
      stage: async (intake) => intake,
    }));
  }

  /**
   * As `take`, but the schema stays only where staging under it goes well: types that were guessed
   * from a sample may have to be widened. Whatever else the table takes in waits meanwhile, so
   * `prepare` is told the newest schema there is.
   */
  stageUnder<T>(prepare: (schema: TableSchema | null) => Staging<T>): Promise<T> {
    const staged = this.#tail.then(async () => {
      const { incoming, values, stage } = prepare(this.#schema);
      const intake = await this.#consider(incoming, values);
      const result = await stage(intake);
      await this.#keep(intake.schema);
      for (const [name, bounds] of values.rough) {
        this.#came.set(name, unionOf([this.#came.get(name), bounds]));
      }
      return result;
    });
    this.#tail = staged.catch(() => undefined);
    return staged;
  }

  /** What the run's manifest says of the table and of its quarantine. */
  manifestTables(): readonly Omit<ManifestTable, "deletes" | "removed">[] {
    const { namespace, name } = this.plan.table;
    const { spec } = this.#frame.order;
    const reserved = spec.rowMetadata ? [runIdColumn.id, loadedAtColumn.id] : [];
    const rules = (base: BaseTable | null, ids: readonly number[]): TableRules | null =>
      base === null ? { naming: spec.naming, shared: spec.shared, reserved: ids } : null;
    const isOfFiles = this.plan.description.hasFiles;
    return [
      {
        tableId: this.tableId,
        namespace,
        name,
        created: rules(this.base, isOfFiles ? [fileColumn.id, ...reserved] : reserved),
        baseSchemaVersion: this.base?.schema.version ?? 0,
      },
      {
        tableId: this.quarantine.tableId,
        namespace,
        name: quarantineName(name),
        created: rules(this.quarantine.base, [runIdColumn.id, loadedAtColumn.id]),
        baseSchemaVersion: this.quarantine.base?.schema.version ?? 0,
      },
    ];
  }

  /** Journals the quarantine table's schema, once, before its first file. */
  async beginQuarantine(): Promise<void> {
    if (this.quarantine.base !== null || this.#isQuarantineBegun()) return;
    const { tableId } = this.quarantine;
    await this.#frame.journal.append({ kind: "schema", tableId, schema: quarantineSchema });
  }

  #isQuarantineBegun(): boolean {
    return this.#frame.journal.entries.some(
      (entry) => entry.kind === "schema" && entry.tableId === this.quarantine.tableId,
    );
  }

  /** T1. */
  async #keep(schema: TableSchema): Promise<void> {
    if (schema === this.#schema) return;
    await this.#frame.journal.append({ kind: "schema", tableId: this.tableId, schema });
    this.#schema = schema;
  }

  async #consider(incoming: StreamSchema, values: IncomingValues): Promise<Intake> {
    let plan = this.#planOf(incoming, nothingKnown);
    if (plan.kind === "refused") {
      const bounds = await this.#boundsFor(plan.violations, values);
      if (bounds !== null) plan = this.#planOf(incoming, bounds);
    }
    switch (plan.kind) {
      case "refused":
        throw await this.#refusal(plan.violations, values);
      case "discarded":
        // Its stream was left out before it was read.
        throw new Error(`the contract makes no table ${formatTableName(this.plan.table)}`);
      case "planned":
        return { schema: plan.schema, targets: plan.targets };
    }
  }

  #planOf(incoming: StreamSchema, bounds: KnownBounds): EvolutionPlan {
    const { spec } = this.#frame.order;
    return planEvolution(
      this.#schema,
      { ...incoming, primaryKey: this.plan.primaryKey },
      {
        contract: spec.contract,
        naming: this.base?.naming ?? spec.naming,
        onConflict: spec.onConflict,
        ...bounds,
      },
    );
  }

  /**
   * Bounds of integers where they decide over a promotion, which is rare and takes a look at the
   * values; null where they don't.
   */
  async #boundsFor(
    violations: readonly SchemaViolation[],
    values: IncomingValues,
  ): Promise<KnownBounds | null> {
    const stored: Column[] = [];
    const incoming: Column[] = [];
    for (const violation of violations) {
      if (violation.kind !== "incompatible_type" || violation.oldType === null) continue;
      const column = this.#schema?.columns.find(({ name }) => name === violation.column);
      if (column === undefined) continue;
      if (isPromotion(violation.oldType, violation.newType)) stored.push(column);
      if (isPromotion(violation.newType, violation.oldType)) incoming.push(column);
    }
    if (stored.length + incoming.length === 0) return null;
    const held = await storedIntegers(this.#frame, this, stored);
    return {
      incomingBounds: await values.exact(incoming.map(({ sourceName }) => sourceName)),
      columnBounds: new Map(
        stored.map(({ id, name, sourceName }) => [
          id,
          unionOf([held.get(name), this.#came.get(sourceName)]),
        ]),
      ),
    };
  }

  async #refusal(
    violations: readonly SchemaViolation[],
    values: IncomingValues,
  ): Promise<HakiriError> {
    const [violation] = violations;
    if (violation === undefined) throw new Error("a refusal without a violation");
    const table = formatTableName(this.plan.table);
    if (!("column" in violation)) return schemaIncompatible(violation, { table, ...noExample });
    const column = this.#schema?.columns.find(({ name }) => name === violation.column);
    const sourceName = column?.sourceName ?? violation.column;
    const example = await values.example({
      name: sourceName,
      key: this.plan.primaryKey,
      oldType: "oldType" in violation ? violation.oldType : null,
    });
    return schemaIncompatible(violation, { table, ...example });
  }
}

/** The table beside a table. */
export interface QuarantineTable {
  readonly tableId: string;
  readonly base: BaseTable | null;
}

/** What is known of a table when a run begins. */
export interface KnownTables {
  readonly table: BaseTable | null;
  readonly quarantine: BaseTable | null;
  /** From an adopted journal. */
  readonly adoptedId: string | null;
  readonly adoptedQuarantineId: string | null;
  readonly adoptedSchema: TableSchema | null;
}
