// The content of a message as a report tells it: the beginning of a long one.
import { isUtf8 } from "node:buffer";

export type MessageContent = {
  /** Bytes of all of it. */
  readonly size: number;
  /** Only its beginning is here. */
  readonly cut?: true;
} & ({ readonly text: string } | { readonly base64: string });

const MOST_CHARACTERS = 1_000;

export function messageContent(data: Buffer): MessageContent {
  const size = data.length;
  if (!isUtf8(data)) {
    const part = data.subarray(0, (MOST_CHARACTERS / 4) * 3);
    return { size, base64: part.toString("base64"), ...(part.length < size ? { cut: true } : {}) };
  }
  // Of what is text as a whole: no character takes more than four bytes.
  const characters = Array.from(data.toString("utf8", 0, MOST_CHARACTERS * 4));
  const isCut = characters.length > MOST_CHARACTERS || size > MOST_CHARACTERS * 4;
  const text = characters.slice(0, MOST_CHARACTERS).join("");
  return { size, text, ...(isCut ? { cut: true } : {}) };
}
