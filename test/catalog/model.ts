/**
 * A naive catalog: every snapshot is kept as a whole copy of what the store held, and nothing is
 * indexed, derived or thrown away. It tells for each command which refusals would be right.
 */
import type { CommitManifest, Grant, Micros } from "../../src/core/catalog-command.ts";
import type { Manifest, TableChange, TableFile } from "../../src/core/snapshot.ts";

/** A table as the model keeps it. */
interface ModelTable {
  readonly owner: string;
  readonly shared: boolean;
  /** The newest snapshot that changed it. */
  sequence: number;
  schemaVersion: number;
  files: readonly TableFile[];
}

/** What a snapshot held, copied. */
interface ModelSnapshot {
  readonly sequence: number;
  readonly at: number;
  readonly pipelineId: string;
  readonly files: ReadonlyMap<string, readonly TableFile[]>;
  readonly cursors: ReadonlyMap<string, ReadonlyMap<string, string>>;
  isRetained: boolean;
}

/** A commit that was done, as a rebuild would find it. */
export interface ModelCommit {
  readonly manifest: Manifest;
  readonly command: CommitManifest;
  readonly sequence: number | null;
  readonly at: Micros;
}

/** What became of a file after its table let go of it. */
interface ModelFile {
  unreferencedSince: number | null;
  isDeleting: boolean;
}

/** The store. */
export class Model {
  readonly tables = new Map<string, ModelTable>();
  readonly snapshots: ModelSnapshot[] = [];
  readonly commits: ModelCommit[] = [];
  readonly files = new Map<number, ModelFile>();
  readonly forgotten = new Set<number>();
  readonly #cursors = new Map<string, Map<string, string>>();
  readonly #latestEpochs = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #compactions = new Set<string>();

  get head(): number {
    return this.snapshots.length;
  }

  /** Ids of the runs that have an owner. */
  get running(): readonly string[] {
    return [...this.#running].map((key) => key.slice(key.indexOf(":") + 1)).toSorted();
  }

  /** A pipeline's cursors by stream. */
  cursors(pipelineId: string): ReadonlyMap<string, string> {
    return this.#cursors.get(pipelineId) ?? new Map();
  }

  /** The commit of this manifest, which is answered as it was. */
  doneBefore(command: CommitManifest): ModelCommit | undefined {
    return this.commits.find((done) => done.command.manifest.sha256 === command.manifest.sha256);
  }

  granted(
    pipelineId: string,
    what: "run" | "compaction",
    grant: Pick<Grant, "runId" | "epoch">,
  ): void {
    const { runId, epoch } = grant;
    const [before] = [...this.#running].filter((key) => key.startsWith(`${pipelineId}:`));
    if (before !== undefined) this.#running.delete(before);
    this.#running.add(`${pipelineId}:${runId}`);
    this.#latestEpochs.set(pipelineId, epoch);
    if (what === "compaction") this.#compactions.add(runId);
  }

  ended(pipelineId: string, runId: string): void {
    this.#running.delete(`${pipelineId}:${runId}`);
  }

  /** Codes that would be right for a commit; none where it has to be taken. */
  refusals(
    command: CommitManifest,
    manifest: Manifest,
    cursorsAreRight: boolean,
  ): readonly string[] {
    const codes: string[] = [];
    const { pipelineId, runId, epoch } = manifest;
    if (this.#latestEpochs.get(pipelineId) !== epoch) codes.push("refused.stale_epoch");
    if (!this.#running.has(`${pipelineId}:${runId}`)) codes.push("refused.run_state");
    if (this.#compactions.has(runId) !== (manifest.kind === "compaction")) {
      codes.push("refused.manifest");
    }
    if (!cursorsAreRight) codes.push("conflict.cursor_moved");
    for (const change of manifest.tables)
      codes.push(...this.#changeRefusals(command, manifest, change));
    return codes;
  }

  #changeRefusals(
    { baseSequence }: CommitManifest,
    { kind, pipelineId }: Manifest,
    change: TableChange,
  ): readonly string[] {
    const table = this.tables.get(change.tableId);
    if (change.created !== null) return table === undefined ? [] : ["refused.manifest"];
    if (table === undefined) return ["refused.manifest"];
    const codes: string[] = [];
    const isPlain = change.added.every((file) => file.masks.length === 0);
    const isAppend = change.disposition === "append" && change.removed.length === 0 && isPlain;
    if (table.owner !== pipelineId && !(table.shared && isAppend)) {
      codes.push("refused.table_owned");
    }
    const live = new Set(table.files.map((file) => file.fileId));
    if (kind === "compaction") {
      const inputs = change.removed === "all" ? [] : change.removed;
      const at = this.snapshots[baseSequence - 1]?.files.get(change.tableId) ?? [];
      const masksOf = (files: readonly TableFile[]) =>
        JSON.stringify(
          files
            .filter((file) => file.masks.some((mask) => inputs.includes(mask.fileId)))
            .map((file) => file.fileId)
            .toSorted((a, b) => a - b),
        );
      const areLive = inputs.every((fileId) => live.has(fileId));
      const areSame = masksOf(at) === masksOf(table.files);
      return areLive && areSame ? codes : [...codes, "conflict.base_moved"];
    }
    if (!isAppend && table.sequence > baseSequence) codes.push("conflict.base_moved");
    return codes;
  }

  /** Makes the commit true and answers its sequence. */
  commit(command: CommitManifest, manifest: Manifest): number | null {
    const isSnapshot = manifest.kind !== "cursor";
    const sequence = this.head + 1;
    for (const change of manifest.tables) this.#change(manifest.pipelineId, change, sequence);
    const cursors = new Map(this.cursors(manifest.pipelineId));
    for (const { stream, cursor } of manifest.cursors) {
      if (cursor === null) cursors.delete(stream);
      else cursors.set(stream, cursor.value ?? "");
    }
    this.#cursors.set(manifest.pipelineId, cursors);
    this.ended(manifest.pipelineId, manifest.runId);
    const at = isSnapshot
      ? Math.max(Number(command.at), (this.snapshots.at(-1)?.at ?? 0) + 1)
      : Number(command.at);
    const done = { manifest, command, sequence: isSnapshot ? sequence : null, at: String(at) };
    this.commits.push(done);
    if (isSnapshot) this.#take(sequence, at, manifest.pipelineId);
    return done.sequence;
  }

  #take(sequence: number, at: number, pipelineId: string): void {
    this.snapshots.push({
      sequence,
      at,
      pipelineId,
      files: new Map([...this.tables].map(([id, table]) => [id, table.files])),
      cursors: new Map([...this.#cursors].map(([id, cursors]) => [id, new Map(cursors)])),
      isRetained: true,
    });
  }

  #change(pipelineId: string, change: TableChange, sequence: number): void {
    const before = this.tables.get(change.tableId);
    const { removed } = change;
    const kept = (before?.files ?? []).filter(
      (file) => removed !== "all" && !removed.includes(file.fileId),
    );
    this.tables.set(change.tableId, {
      owner: before?.owner ?? pipelineId,
      shared: before?.shared ?? change.created?.shared ?? false,
      sequence,
      schemaVersion: change.schema?.version ?? before?.schemaVersion ?? 0,
      files: [...kept, ...change.added].toSorted((a, b) => a.fileId - b.fileId),
    });
    for (const { fileId } of change.added) {
      this.files.set(fileId, { unreferencedSince: null, isDeleting: false });
    }
  }

  /** Lets snapshots go and answers which. */
  expire(keep: number, since: number, pinned: readonly number[], at: number): readonly number[] {
    const retained = this.snapshots.filter((snapshot) => snapshot.isRetained);
    const newest = retained.slice(-Math.max(1, keep));
    const expired = retained.filter(
      (snapshot) =>
        !newest.includes(snapshot) && snapshot.at < since && !pinned.includes(snapshot.sequence),
    );
    for (const snapshot of expired) snapshot.isRetained = false;
    for (const [fileId, file] of this.files) {
      const isHeld = this.snapshots.some(
        (snapshot) =>
          snapshot.isRetained &&
          [...snapshot.files.values()].flat().some((other) => other.fileId === fileId),
      );
      if (!isHeld) file.unreferencedSince ??= at;
    }
    return expired.map((snapshot) => snapshot.sequence);
  }

  /** Marks files and answers which. */
  mark(fileIds: readonly number[], before: number): readonly number[] {
    return fileIds.filter((fileId) => {
      const file = this.files.get(fileId);
      const since = file?.unreferencedSince ?? null;
      if (file === undefined || since === null || since >= before) return false;
      file.isDeleting = true;
      return true;
    });
  }

  /** Forgets marked files; null where one of them isn't. */
  forget(fileIds: readonly number[]): number | null {
    const known = fileIds.filter((fileId) => this.files.has(fileId));
    if (known.some((fileId) => this.files.get(fileId)?.isDeleting === false)) return null;
    for (const fileId of known) {
      this.files.delete(fileId);
      this.forgotten.add(fileId);
    }
    return known.length;
  }
}
