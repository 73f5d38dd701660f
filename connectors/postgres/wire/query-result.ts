/** The rows of a statement in the simple protocol, every value as the server's text. */
import { HakiriError } from "../../../src/connector.ts";
import type { Activity } from "./activity.ts";
import type { MessageBody } from "./message-body.ts";
import { backend } from "./message-reader.ts";
import { ProtocolFault } from "./protocol-fault.ts";

/** A column of a result. */
export interface ResultField {
  readonly name: string;
  readonly typeOid: number;
  /** The type's modifier; -1 where it has none. */
  readonly typmod: number;
}

/** What a statement answered. */
export interface QueryResult {
  readonly fields: readonly ResultField[];
  /** Values in the order of the fields; null is NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** The command's tag, such as `SELECT 3`. */
  readonly command: string;
}

/** The most of a result that is kept. */
export interface ResultLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** What a catalog of a million columns needs, and no more. */
export const resultLimits: ResultLimits = { rowsMax: 2_000_000, bytesMax: 256 * 1024 * 1024 };

/** Gathers a result; of several statements the last one's rows. */
export class QueryActivity implements Activity {
  readonly result: Promise<QueryResult>;
  readonly #limits: ResultLimits;
  readonly #resolve: (result: QueryResult) => void;
  readonly #reject: (error: unknown) => void;
  #fields: readonly ResultField[] = [];
  #rows: (string | null)[][] = [];
  #command = "";
  #bytes = 0;
  #error: HakiriError | null = null;

  constructor(limits: ResultLimits) {
    this.#limits = limits;
    const { promise, resolve, reject } = Promise.withResolvers<QueryResult>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  message(type: number, body: MessageBody): void {
    switch (type) {
      case backend.rowDescription:
        this.#fields = readFields(body);
        this.#rows = [];
        this.#bytes = 0;
        return;
      case backend.dataRow:
        this.#take(body);
        return;
      case backend.commandComplete:
        this.#command = body.zeroEnded();
        return;
      case backend.emptyQuery:
        return;
      default:
        throw new ProtocolFault(`a message of type 0x${type.toString(16)} within a result`);
    }
  }

  copyData(): void {
    throw new ProtocolFault("data of a copy within a result");
  }

  report(error: HakiriError): void {
    this.#error ??= error;
  }

  ready(): void {
    const [fields, rows, command] = [this.#fields, this.#rows, this.#command];
    if (this.#error !== null) this.#reject(this.#error);
    else this.#resolve({ fields, rows, command });
  }

  fail(error: unknown): void {
    this.#reject(this.#error ?? error);
  }

  #take(body: MessageBody): void {
    this.#bytes += body.left;
    const { rowsMax, bytesMax } = this.#limits;
    if (this.#rows.length >= rowsMax || this.#bytes > bytesMax) {
      throw new HakiriError({
        kind: "Permanent",
        code: "postgres.result_too_large",
        message: `expected a result of at most ${rowsMax} rows and ${bytesMax} bytes, got more`,
        hint: "narrow it: fewer schemas or tables, by the settings schemas, tables and exclude",
      });
    }
    const count = body.int16();
    if (count !== this.#fields.length) {
      throw new ProtocolFault(`a row of ${count} values for ${this.#fields.length} fields`);
    }
    const row: (string | null)[] = [];
    for (let index = 0; index < count; index += 1) {
      const sizeBytes = body.int32();
      row.push(sizeBytes === -1 ? null : body.text(sizeBytes));
    }
    body.finish();
    this.#rows.push(row);
  }
}

function readFields(body: MessageBody): readonly ResultField[] {
  const count = body.int16();
  const fields: ResultField[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = body.zeroEnded();
    body.oid(); // of the table
    body.int16(); // of the column in it
    const typeOid = body.oid();
    body.int16(); // the type's size
    const typmod = body.int32();
    if (body.int16() !== 0) throw new ProtocolFault("a result that is not text");
    fields.push({ name, typeOid, typmod });
  }
  body.finish();
  return fields;
}
