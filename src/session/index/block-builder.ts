// Collects exchanges into a block of the index.
import { crc32 } from "node:zlib";
import type { Exchange } from "../../exchange/exchange.js";
import { type ExchangeFacts, factsOf } from "../../exchange/facts.js";
import { bodyFlags } from "./body-flags.js";
import {
  BLOCK_HEAD,
  BLOCK_ROWS,
  BLOCK_TEXT,
  BYTE,
  BYTES,
  columnBytes,
  FLAG,
  ID_LENGTH,
  KIND_CODE,
  NUMBER,
  NUMBERS,
  STRING,
  STRINGS,
  VERSION_CODE,
} from "./layout.js";

/** What the index keeps of an exchange besides its facts. */
export interface RowPlace {
  /** Of its line in the log. */
  readonly offset: number;
  readonly length: number;
  /** Reference of the last of its messages' places, 0 where there are none. */
  readonly places: number;
  readonly open: boolean;
}

export class BlockBuilder {
  readonly #numbers = new Float64Array(BLOCK_ROWS * NUMBERS.length);
  readonly #lengths = new Uint32Array(BLOCK_ROWS);
  readonly #refs = new Uint16Array(BLOCK_ROWS * STRINGS.length);
  readonly #bytes = new Uint8Array(BLOCK_ROWS * BYTES.length);
  readonly #ids = Buffer.alloc(BLOCK_ROWS * ID_LENGTH);
  #rows = 0;
  readonly #numbered = new Map<string, number>();
  #strings: string[] = [];
  #textLength = 0;

  get rows(): number {
    return this.#rows;
  }

  get full(): boolean {
    return this.#rows === BLOCK_ROWS || this.#textLength >= BLOCK_TEXT;
  }

  add(exchange: Exchange, place: RowPlace): void {
    const row = this.#rows++;
    const facts = factsOf(exchange, place.open);
    this.#ids.write(facts.id, row * ID_LENGTH, "latin1");
    this.#lengths[row] = place.length;
    this.#addNumbers(row, facts, place);
    this.#addStrings(row, facts);
    const bytes = this.#bytes;
    bytes[BYTE.kind * BLOCK_ROWS + row] = KIND_CODE[facts.kind];
    bytes[BYTE.requestVersion * BLOCK_ROWS + row] = VERSION_CODE[facts.requestVersion];
    bytes[BYTE.responseVersion * BLOCK_ROWS + row] =
      facts.responseVersion === null ? 0 : VERSION_CODE[facts.responseVersion];
    bytes[BYTE.flags * BLOCK_ROWS + row] =
      (facts.streaming ? FLAG.streaming : 0) | (place.open ? FLAG.open : 0);
    bytes[BYTE.bodies * BLOCK_ROWS + row] = bodyFlags(exchange);
  }

  /** @returns the block; the builder is empty afterwards. */
  take(): Buffer<ArrayBuffer> {
    const rows = this.#rows;
    const { text, bounds, wide } = this.#text();
    const head = columnBytes(rows, this.#strings.length);
    const block = Buffer.alloc(head + text.length * (wide ? 2 : 1));
    block.writeUInt32LE(rows, 4);
    block.writeUInt32LE(this.#strings.length, 8);
    block.writeUInt32LE(wide ? 1 : 0, 12);
    block.writeUInt32LE(block.length - head, 16);
    let at = BLOCK_HEAD;
    const put = (bytes: Uint8Array): void => {
      block.set(bytes, at);
      at += bytes.length;
    };
    for (let i = 0; i < NUMBERS.length; i++) put(columnOf(this.#numbers, i, rows));
    put(columnOf(this.#lengths, 0, rows));
    put(new Uint8Array(bounds.buffer));
    for (let i = 0; i < STRINGS.length; i++) put(columnOf(this.#refs, i, rows));
    for (let i = 0; i < BYTES.length; i++) put(columnOf(this.#bytes, i, rows));
    put(this.#ids.subarray(0, rows * ID_LENGTH));
    block.write(text, at, wide ? "utf16le" : "latin1");
    block.writeUInt32LE(crc32(block.subarray(4)), 0);
    this.#rows = 0;
    this.#numbered.clear();
    this.#strings = [];
    this.#textLength = 0;
    return block;
  }

  #addNumbers(row: number, facts: ExchangeFacts, { offset, places }: RowPlace): void {
    const numbers = this.#numbers;
    numbers[NUMBER.seq * BLOCK_ROWS + row] = facts.seq;
    numbers[NUMBER.startedAt * BLOCK_ROWS + row] = facts.startedAt;
    numbers[NUMBER.duration * BLOCK_ROWS + row] = facts.duration ?? Number.NaN;
    numbers[NUMBER.status * BLOCK_ROWS + row] = facts.status ?? Number.NaN;
    numbers[NUMBER.requestSize * BLOCK_ROWS + row] = facts.requestSize;
    numbers[NUMBER.responseSize * BLOCK_ROWS + row] = facts.responseSize;
    numbers[NUMBER.messages * BLOCK_ROWS + row] = facts.messages;
    numbers[NUMBER.offset * BLOCK_ROWS + row] = offset;
    numbers[NUMBER.places * BLOCK_ROWS + row] = places;
  }

  #addStrings(row: number, facts: ExchangeFacts): void {
    const refs = this.#refs;
    refs[STRING.method * BLOCK_ROWS + row] = this.#number(facts.method);
    refs[STRING.url * BLOCK_ROWS + row] = this.#number(facts.url);
    refs[STRING.reason * BLOCK_ROWS + row] = this.#number(facts.reason);
    refs[STRING.requestType * BLOCK_ROWS + row] = this.#number(facts.requestType);
    refs[STRING.responseType * BLOCK_ROWS + row] = this.#number(facts.responseType);
    refs[STRING.client * BLOCK_ROWS + row] = this.#number(facts.client);
    refs[STRING.server * BLOCK_ROWS + row] = this.#number(facts.server);
    refs[STRING.error * BLOCK_ROWS + row] = this.#number(facts.error === null ? "" : json(facts.error));
    refs[STRING.tags * BLOCK_ROWS + row] = this.#number(listText(facts.tags));
    refs[STRING.rules * BLOCK_ROWS + row] = this.#number(listText(facts.rules));
    refs[STRING.replays * BLOCK_ROWS + row] = this.#number(facts.replays ?? "");
  }

  #number(text: string): number {
    const known = this.#numbered.get(text);
    if (known !== undefined) return known;
    const number = this.#strings.length;
    this.#strings.push(text);
    this.#numbered.set(text, number);
    this.#textLength += text.length;
    return number;
  }

  /** One byte a character unless one needs two; not UTF-8, as lone halves of surrogate pairs may stand in JSON. */
  #text(): { text: string; bounds: Uint32Array<ArrayBuffer>; wide: boolean } {
    const bounds = new Uint32Array(this.#strings.length + 1);
    let end = 0;
    this.#strings.forEach((text, i) => {
      end += text.length;
      bounds[i + 1] = end;
    });
    const text = this.#strings.join("");
    return { text, bounds, wide: /[\u0100-\uffff]/.test(text) };
  }
}

function columnOf(
  columns:
    | Float64Array<ArrayBuffer>
    | Uint32Array<ArrayBuffer>
    | Uint16Array<ArrayBuffer>
    | Uint8Array<ArrayBuffer>,
  column: number,
  rows: number,
): Uint8Array {
  const size = columns.BYTES_PER_ELEMENT;
  return new Uint8Array(columns.buffer, columns.byteOffset + column * BLOCK_ROWS * size, rows * size);
}

function listText(list: readonly string[]): string {
  return list.length === 0 ? "" : json(list);
}

/** As V8 writes it, a lone half of a surrogate pair is escaped, and comes back. */
function json(value: unknown): string {
  return JSON.stringify(value);
}
