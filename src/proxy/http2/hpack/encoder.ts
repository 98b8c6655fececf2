// Encodes header lists (RFC 7541) within the table size that the peer's decoder allows.

import type { RawHeaders } from "../../../exchange/headers.js";
import { DEFAULT_TABLE_SIZE } from "./decoder.js";
import { DynamicTable } from "./dynamic-table.js";
import { ENTRY_OVERHEAD, type HeaderField } from "./header-entry.js";
import { huffmanEncode, huffmanLength } from "./huffman.js";
import { type IndexingPolicy, indexingPolicy } from "./indexing-policy.js";
import { writeInteger } from "./integer.js";
import { STATIC_LENGTH, STATIC_TABLE } from "./static-table.js";

/** Of the table that a peer offers, no more than this is used: 128 fields of usual size, and cookies of a few KB. */
const MAX_TABLE_SIZE = 16_384;
/** Two strings with their lengths, an index: never more than this besides the octets themselves. */
const MAX_FIELD_OVERHEAD = 18;
const MAX_SIZE_UPDATES = 12;

interface Slot {
  readonly name: string;
  /** The first entry of the static table with this name, or 0. */
  readonly staticIndex: number;
  readonly staticValues: ReadonlyMap<string, number> | undefined;
  readonly policy: IndexingPolicy;
  /** Sequence numbers in the dynamic table, by value. */
  readonly values: Map<string, number>;
  /** The newest entry of this name, or -1. */
  newest: number;
}

interface EncoderEntry {
  readonly slot: Slot;
  readonly value: string;
  readonly size: number;
}

export class HpackEncoder {
  readonly #slots = new Map<string, Slot>();
  readonly #table = new DynamicTable<EncoderEntry>(DEFAULT_TABLE_SIZE, (entry, sequence) =>
    this.#forget(entry, sequence),
  );
  /** The smallest size since the last block, where the decoder has to be told of a change. */
  #smallestSize: number | undefined;

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  setMaxTableSize(size: number): void {
    const capacity = Math.min(size, MAX_TABLE_SIZE);
    if (capacity === this.#table.capacity) return;
    this.#smallestSize = Math.min(this.#smallestSize ?? this.#table.capacity, capacity);
    this.#table.setCapacity(capacity);
  }

  /** @returns a number of octets that `encode` will not exceed. */
  bound(headers: RawHeaders): number {
    let bound = MAX_SIZE_UPDATES;
    for (const field of headers) bound += field[0].length + field[1].length + MAX_FIELD_OVERHEAD;
    return bound;
  }

  /**
   * Writes a header block; the target has room for `bound`.
   * @param neverIndexed the fields to mark as never indexed; without it, those that commonly are
   * @returns the position after it
   */
  encode(
    headers: RawHeaders,
    neverIndexed: ReadonlySet<HeaderField> | undefined,
    target: Buffer,
    position: number,
  ): number {
    let at = this.#smallestSize === undefined ? position : this.#writeSizeUpdates(target, position);
    for (const field of headers) at = this.#writeField(field, neverIndexed, target, at);
    return at;
  }

  #writeField(
    field: HeaderField,
    neverIndexed: ReadonlySet<HeaderField> | undefined,
    target: Buffer,
    position: number,
  ): number {
    const [name, value] = field;
    const slot = this.#slots.get(name) ?? this.#addStaticSlot(name);
    const policy = policyOf(field, slot, neverIndexed);
    if (policy === "never")
      return writeLiteral(target, position, 0x10, 0x0f, this.#nameIndex(slot), name, value);
    if (slot !== undefined) {
      const index = slot.staticValues?.get(value) ?? this.#dynamicIndex(slot.values.get(value));
      if (index > 0) return writeInteger(target, position, 0x80, 0x7f, index);
    }
    const nameIndex = this.#nameIndex(slot);
    const size = name.length + value.length + ENTRY_OVERHEAD;
    // An entry of nearly the whole table would push everything else out.
    if (policy === "without" || size > this.#table.capacity * 0.75) {
      return writeLiteral(target, position, 0x00, 0x0f, nameIndex, name, value);
    }
    this.#add(slot ?? newSlot(name), value, size);
    return writeLiteral(target, position, 0x40, 0x3f, nameIndex, name, value);
  }

  #addStaticSlot(name: string): Slot | undefined {
    const known = STATIC_SLOTS.get(name);
    if (known === undefined) return undefined;
    const slot = { ...known, values: new Map<string, number>() };
    this.#slots.set(name, slot);
    return slot;
  }

  #nameIndex(slot: Slot | undefined): number {
    if (slot === undefined) return 0;
    return slot.staticIndex > 0 ? slot.staticIndex : this.#dynamicIndex(slot.newest);
  }

  #dynamicIndex(sequence: number | undefined): number {
    return sequence === undefined || sequence < 0 ? 0 : STATIC_LENGTH + this.#table.added - sequence;
  }

  #add(slot: Slot, value: string, size: number): void {
    this.#table.add({ slot, value, size });
    const sequence = this.#table.added - 1;
    slot.values.set(value, sequence);
    slot.newest = sequence;
    // Again, since making room may have taken the name's last entry and its slot with it.
    this.#slots.set(slot.name, slot);
  }

  #forget(entry: EncoderEntry, sequence: number): void {
    const { slot, value } = entry;
    if (slot.values.get(value) === sequence) slot.values.delete(value);
    if (slot.newest === sequence) slot.newest = -1;
    if (slot.values.size === 0 && slot.staticIndex === 0) this.#slots.delete(slot.name);
  }

  #writeSizeUpdates(target: Buffer, position: number): number {
    let at = position;
    if (this.#smallestSize! < this.#table.capacity)
      at = writeInteger(target, at, 0x20, 0x1f, this.#smallestSize!);
    this.#smallestSize = undefined;
    return writeInteger(target, at, 0x20, 0x1f, this.#table.capacity);
  }
}

/** A field that was marked stays marked (section 7.1.3); who knows of no marks gets the common policy. */
function policyOf(
  field: HeaderField,
  slot: Slot | undefined,
  neverIndexed: ReadonlySet<HeaderField> | undefined,
): IndexingPolicy {
  if (neverIndexed !== undefined && neverIndexed.size > 0 && neverIndexed.has(field)) return "never";
  const policy = slot === undefined ? "index" : slot.policy;
  if (policy === "index" || policy === "without") return policy;
  if (neverIndexed !== undefined) return "index";
  return policy === "never-when-short" && field[1].length >= SHORT_SECRET ? "index" : "never";
}

/** A secret of this length can't be found out by trying (the limit that nghttp2 uses for cookies). */
const SHORT_SECRET = 20;

function writeLiteral(
  target: Buffer,
  position: number,
  pattern: number,
  mask: number,
  nameIndex: number,
  name: string,
  value: string,
): number {
  const at = writeInteger(target, position, pattern, mask, nameIndex);
  return writeString(target, nameIndex === 0 ? writeString(target, at, name) : at, value);
}

function writeString(target: Buffer, position: number, text: string): number {
  const coded = huffmanLength(text);
  if (coded < text.length) {
    return huffmanEncode(text, target, writeInteger(target, position, 0x80, 0x7f, coded));
  }
  const at = writeInteger(target, position, 0x00, 0x7f, text.length);
  return at + target.write(text, at, "latin1");
}

function newSlot(name: string): Slot {
  return {
    name,
    staticIndex: 0,
    staticValues: undefined,
    policy: indexingPolicy(name),
    values: new Map(),
    newest: -1,
  };
}

const STATIC_SLOTS: ReadonlyMap<string, Slot> = buildStaticSlots();

function buildStaticSlots(): Map<string, Slot> {
  const slots = new Map<string, Slot & { staticValues: Map<string, number> }>();
  for (const [index, entry] of STATIC_TABLE.entries()) {
    const [name, value] = entry.field;
    const slot = slots.get(name) ?? { ...newSlot(name), staticIndex: index + 1, staticValues: new Map() };
    slots.set(name, slot);
    slot.staticValues.set(value, index + 1);
  }
  return slots;
}
