// Header blocks as a peer without a table makes them (RFC 7541 section 6.2.2): any bytes, right or wrong.
import type { RawHeaders } from "../../src/exchange/headers.js";

/** Fields as literals that are not indexed. */
export function literalBlock(fields: RawHeaders): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]));
}

/** A string without Huffman coding (section 5.2), of latin-1 characters. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
