// What the origin sends and the verifier expects: fixed bodies of text, and a stream whose every MiB is different.

export const MIB = 1024 * 1024;

/** @type {Map<number, Buffer>} */
const bodies = new Map();

/**
 * A JSON text of exactly `length` bytes (at least 2), the same one for every call.
 * @param {number} length
 */
export function textBody(length) {
  let body = bodies.get(length);
  if (body === undefined) {
    const item = '{"id":1234,"name":"An ordinary record","tags":["a","b"],"price":12.5,"note":"caf\u00e9"},';
    const text = Buffer.from(`["${item.replaceAll('"', "'").repeat(Math.ceil(length / item.length))}`);
    body = Buffer.alloc(length, " ");
    text.copy(body, 0, 0, length - 2);
    // Cutting may have split the two bytes of the accented letter: a body that is not UTF-8 would be stored otherwise.
    for (let end = length - 3; end >= 0 && body.readUInt8(end) >= 0x80; end--) body[end] = 0x20;
    body.write('"]', length - 2);
    bodies.set(length, body);
  }
  return body;
}

/** Not text and not compressible, so that no recorder has an easy way with it. */
const noise = Buffer.alloc(MIB);
for (let i = 0, state = 0x9e3779b9; i < MIB; i += 4) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  noise.writeInt32LE(state, i);
}

/**
 * The MiB number `index` of the stream: noise that starts with its own number, so that lost, doubled and swapped
 * pieces all show.
 * @param {number} index
 */
export function streamBlock(index) {
  const block = Buffer.from(noise);
  block.writeUInt32BE(index, 0);
  return block;
}
