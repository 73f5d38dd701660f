/** The distinct texts of a column, found by a hash table over the texts' own bytes. */
import type { DenseTexts } from "./dense-values.ts";

const sampleValues = 1024;
const sampleEntriesMax = 512;
/** Past so many entries a dictionary is given up: it would save little. */
const entriesMax = 16_384;
const slotCount = 4 * entriesMax;
const noEntry = -1;

/** A dictionary, valid until the next one is looked for. */
export interface FoundDictionary {
  readonly entries: DenseTexts;
  /** Of each value its entry; as many are filled as there are values. */
  readonly indexes: Int32Array;
}

/** Looks for dictionaries, in room that it keeps for the next column. */
export class DictionaryFinder {
  /** By hash an entry's number plus 1, or 0. */
  readonly #slots = new Int32Array(slotCount);
  readonly #starts = new Int32Array(entriesMax);
  readonly #lengths = new Int32Array(entriesMax);
  readonly #hashes = new Int32Array(entriesMax);
  #indexes = new Int32Array(1024);
  #count = 0;

  /** Null where none pays: too many of the first values are distinct, or of all of them. */
  find(texts: DenseTexts): FoundDictionary | null {
    const { bytes, lengths, count } = texts;
    if (this.#indexes.length < count) this.#indexes = new Int32Array(2 * count);
    const indexes = this.#indexes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const sample = Math.min(count, sampleValues);
    this.#slots.fill(0);
    this.#count = 0;
    let at = 0;
    let before = 0;
    let entry = noEntry;
    for (let index = 0; index < count; index += 1) {
      const length = lengths[index] ?? 0;
      const isRepeated =
        entry !== noEntry && this.#lengths[entry] === length && isEqual(view, at, before, length);
      if (!isRepeated) entry = this.#entryOf(view, at, length);
      if (entry === noEntry) return null;
      indexes[index] = entry;
      before = at;
      at += length;
      if (index + 1 === sample && this.#count > sampleMaxOf(sample)) return null;
    }
    return { entries: this.#entries(bytes), indexes };
  }

  /** The entry of a text, a new one where it wasn't seen yet and there is room. */
  #entryOf(view: DataView, at: number, length: number): number {
    const hash = hashOf(view, at, length);
    const slots = this.#slots;
    for (let slot = hash & (slotCount - 1); ; slot = (slot + 1) & (slotCount - 1)) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry === noEntry) return this.#add(slot, { at, length, hash });
      if (
        this.#hashes[entry] === hash &&
        this.#lengths[entry] === length &&
        isEqual(view, at, this.#starts[entry] ?? 0, length)
      ) {
        return entry;
      }
    }
  }

  #add(slot: number, text: { at: number; length: number; hash: number }): number {
    const entry = this.#count;
    if (entry === entriesMax) return noEntry;
    this.#slots[slot] = entry + 1;
    this.#starts[entry] = text.at;
    this.#lengths[entry] = text.length;
    this.#hashes[entry] = text.hash;
    this.#count += 1;
    return entry;
  }

  #entries(bytes: Uint8Array): DenseTexts {
    const count = this.#count;
    const lengths = this.#lengths.subarray(0, count);
    const gathered = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (let entry = 0; entry < count; entry += 1) {
      const start = this.#starts[entry] ?? 0;
      const length = lengths[entry] ?? 0;
      gathered.set(bytes.subarray(start, start + length), at);
      at += length;
    }
    return { bytes: gathered, lengths, count };
  }
}

/** The distinct values that a sample of so many may have. */
function sampleMaxOf(sample: number): number {
  return Math.min(sampleEntriesMax, Math.ceil(sample / 2));
}

/** Knuth's multiplicative hash, four bytes at a time; the last four may overlap. */
function hashOf(view: DataView, at: number, length: number): number {
  let hash = length;
  if (length < 4) {
    for (let byte = 0; byte < length; byte += 1) hash = mixed(hash, view.getUint8(at + byte));
    return hash;
  }
  const last = at + length - 4;
  for (let byte = at; byte < last; byte += 4) hash = mixed(hash, view.getInt32(byte, true));
  return mixed(hash, view.getInt32(last, true));
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, -1_640_531_535);
  return product ^ (product >>> 15);
}

/** Four bytes at a time; the last four may overlap. */
function isEqual(view: DataView, left: number, right: number, length: number): boolean {
  if (length < 4) {
    for (let byte = 0; byte < length; byte += 1) {
      if (view.getUint8(left + byte) !== view.getUint8(right + byte)) return false;
    }
    return true;
  }
  const last = length - 4;
  for (let byte = 0; byte < last; byte += 4) {
    if (view.getInt32(left + byte) !== view.getInt32(right + byte)) return false;
  }
  return view.getInt32(left + last) === view.getInt32(right + last);
}
