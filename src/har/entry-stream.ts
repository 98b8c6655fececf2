// What is too large to be part of an entry in memory: a placeholder in the entry, and the bytes that the writer puts there.
import { randomUUID } from "node:crypto";
import { type ContentStream, contentForm } from "./content.js";

export interface EntryStream {
  /** Stands in the entry as a string. */
  readonly placeholder: string;
  /** `messages` are JSON values that become a list, the others the text of one string. */
  readonly form: "text" | "base64" | "messages";
  open(): AsyncIterable<Buffer>;
}

/** The streams of one entry. */
export class EntryStreams {
  readonly all: EntryStream[] = [];

  /** @returns the placeholder: no recorded text can hold it, for it is drawn afterwards. */
  add(form: EntryStream["form"], open: () => AsyncIterable<Buffer>): string {
    const placeholder = randomUUID();
    this.all.push({ placeholder, form, open });
    return placeholder;
  }

  /** @returns the text of a body, or what stands for it where it is large. */
  textOf(bytes: Buffer | ContentStream, contentType: string, utf8 = false): BodyText {
    const form = Buffer.isBuffer(bytes) ? contentForm(bytes, contentType, utf8) : bytes.form;
    const text = this.#text(bytes, form);
    return form === "base64" ? { text, encoding: form } : { text };
  }

  #text(bytes: Buffer | ContentStream, form: ContentStream["form"]): string {
    if (!Buffer.isBuffer(bytes)) return this.add(form, () => bytes.open());
    if (bytes.length > LARGE) return this.add(form, () => slices(bytes));
    return bytes.toString(form === "text" ? "utf8" : "base64");
  }
}

interface BodyText {
  readonly text: string;
  readonly encoding?: "base64";
}

/** From here on, a body is written in slices: it would be in memory once more as text and once more as JSON. */
const LARGE = 1 << 20;

async function* slices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += LARGE) yield bytes.subarray(at, at + LARGE);
}
