// Protocol buffers without their schema: the fields of the wire format, with what each may mean. Guesses are marked by
// their kind; numbers are decimal strings, since 64 bits do not fit a JSON number.

interface ProtobufField {
  readonly number: number;
  readonly value: ProtobufValue;
}

type ProtobufValue =
  /** `signed` as int64, `zigzag` as sint64, where they differ from `unsigned`. */
  | { readonly kind: "varint"; readonly unsigned: string; readonly signed?: string; readonly zigzag: string }
  | { readonly kind: "fixed64" | "fixed32"; readonly unsigned: string; readonly float: number }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "message" | "group"; readonly fields: readonly ProtobufField[] }
  /** Hexadecimal, of the first bytes; `size` of all. */
  | { readonly kind: "bytes"; readonly hex: string; readonly size: number };

export interface ProtobufMessage {
  readonly fields: readonly ProtobufField[];
  /** A sentence: why the fields are not the whole message. */
  readonly problem?: string;
}

const DEEPEST = 24;
const MOST_FIELDS = 20_000;
const LONGEST_HEX_BYTES = 256;

/** Never throws; what cannot be read ends the fields and is said in `problem`. */
export function decodeProtobuf(bytes: Buffer): ProtobufMessage {
  const reader = new ProtobufReader(bytes, { fields: MOST_FIELDS });
  const fields = reader.fields(0, bytes.length, 0, false);
  return reader.problem === undefined ? { fields } : { fields, problem: reader.problem };
}

interface Budget {
  fields: number;
}

class ProtobufReader {
  problem: string | undefined;
  #at = 0;
  readonly #bytes: Buffer;
  readonly #budget: Budget;

  constructor(bytes: Buffer, budget: Budget) {
    this.#bytes = bytes;
    this.#budget = budget;
  }

  /** @param group its number, when the fields end with that group's end tag. */
  fields(start: number, end: number, depth: number, group: number | false): ProtobufField[] {
    const fields: ProtobufField[] = [];
    this.#at = start;
    while (this.#at < end && this.problem === undefined) {
      const at = this.#at;
      if (this.#budget.fields-- <= 0) {
        this.problem = "There are too many fields to show.";
        break;
      }
      const tag = this.#varint(end);
      const number = tag === null ? 0 : Number(tag >> 3n);
      if (tag === null || number < 1 || number > 0x1fffffff) return this.#fail(fields, at);
      if ((tag & 7n) === 4n) return number === group ? fields : this.#fail(fields, at);
      const value = this.#value(Number(tag & 7n), number, end, depth);
      if (value === null) return this.#fail(fields, at);
      fields.push({ number, value });
    }
    return group === false ? fields : this.#fail(fields, this.#at);
  }

  #fail(fields: ProtobufField[], at: number): ProtobufField[] {
    this.problem ??= `From byte ${at} on it is not protobuf, or was cut off.`;
    return fields;
  }

  #value(wireType: number, number: number, end: number, depth: number): ProtobufValue | null {
    if (wireType === 0) return this.#integer(end);
    if (wireType === 1 || wireType === 5) return this.#fixed(wireType === 1 ? 8 : 4, end);
    if (wireType === 2) return this.#delimited(end, depth);
    if (wireType !== 3 || depth >= DEEPEST) return null;
    const fields = this.fields(this.#at, end, depth + 1, number);
    return this.problem === undefined ? { kind: "group", fields } : null;
  }

  #integer(end: number): ProtobufValue | null {
    const unsigned = this.#varint(end);
    if (unsigned === null) return null;
    const signed = BigInt.asIntN(64, unsigned);
    const zigzag = (unsigned >> 1n) ^ -(unsigned & 1n);
    return {
      kind: "varint",
      unsigned: `${unsigned}`,
      ...(signed === unsigned ? {} : { signed: `${signed}` }),
      zigzag: `${zigzag}`,
    };
  }

  #varint(end: number): bigint | null {
    let value = 0n;
    for (let shift = 0n; shift < 70n && this.#at < end; shift += 7n) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return null;
  }

  #fixed(size: 4 | 8, end: number): ProtobufValue | null {
    const at = this.#at;
    if (at + size > end) return null;
    this.#at += size;
    return size === 8
      ? {
          kind: "fixed64",
          unsigned: `${this.#bytes.readBigUInt64LE(at)}`,
          float: this.#bytes.readDoubleLE(at),
        }
      : { kind: "fixed32", unsigned: `${this.#bytes.readUInt32LE(at)}`, float: this.#bytes.readFloatLE(at) };
  }

  #delimited(end: number, depth: number): ProtobufValue | null {
    const length = this.#varint(end);
    if (length === null || length > BigInt(end - this.#at)) return null;
    const content = this.#bytes.subarray(this.#at, this.#at + Number(length));
    this.#at += content.length;
    return this.#meaning(content, depth);
  }

  /** A string, a message, or bytes: whichever the bytes can be, the likeliest first. */
  #meaning(content: Buffer, depth: number): ProtobufValue {
    const text = printable(content);
    if (text !== null && !/[\t\n\r]/.test(text)) return { kind: "string", text };
    if (depth < DEEPEST) {
      const nested = new ProtobufReader(content, this.#budget);
      const fields = nested.fields(0, content.length, depth + 1, false);
      if (nested.problem === undefined) return { kind: "message", fields };
    }
    if (text !== null) return { kind: "string", text };
    return { kind: "bytes", hex: content.toString("hex", 0, LONGEST_HEX_BYTES), size: content.length };
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function printable(content: Buffer): string | null {
  try {
    const text = UTF8.decode(content);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what makes bytes unlikely to be a string.
    return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
