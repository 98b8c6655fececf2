// What bodies consist of: bytes that a request's number and their place decide, so that either side can tell a byte
// that is wrong, missing or of another request.
import { createCipheriv } from "node:crypto";

const BLOCK = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(1 << 20));
const PIECE = 64 * 1024;

/**
 * @param {number} id of the request
 * @param {number} from
 * @param {number} length
 */
function bytesAt(id, from, length) {
  const start = (id * 7919 + from) % BLOCK.length;
  const first = BLOCK.subarray(start, start + length);
  return first.length === length ? first : Buffer.concat([first, BLOCK.subarray(0, length - first.length)]);
}

/**
 * @param {number} id
 * @param {number} length
 * @param {number} [piece]
 * @returns {Generator<Buffer>}
 */
export function* pieces(id, length, piece = PIECE) {
  for (let at = 0; at < length; at += piece) yield bytesAt(id, at, Math.min(piece, length - at));
}

/**
 * @param {number} id
 * @param {number} length
 */
export function whole(id, length) {
  return Buffer.concat([...pieces(id, length)]);
}

export class PatternCheck {
  #id;
  length = 0;
  /** Whether all that was fed is the body's beginning. */
  intact = true;

  /** @param {number} id */
  constructor(id) {
    this.#id = id;
  }

  /** @param {Buffer} chunk */
  feed(chunk) {
    for (let at = 0; at < chunk.length && this.intact; at += PIECE) {
      const part = chunk.subarray(at, at + PIECE);
      this.intact = part.equals(bytesAt(this.#id, this.length + at, part.length));
    }
    this.length += chunk.length;
  }
}
