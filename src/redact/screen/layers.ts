// Texts stand encoded within texts. A body in whose inner texts nothing was found in the first pass need not be taken
// apart again in the second: one look at the whole of it, decoded, tells whether a secret that is known by then may
// stand in any of them.
import { decodeMarkup } from "../find-markup.js";
import type { SecretIndex } from "../secret-index.js";
import { decodedParams, unescapedJson } from "./decoded-bytes.js";
import { joinedTexts } from "./stream-texts.js";

/** How a text stands within another: what decodes it decodes all around it too, without missing where it begins. */
export type Coding = "json" | "form" | "markup" | "events" | "lines";

/** Where these begin decides how they are read: they are known as the whole body only. */
const BEGINS_LINES: ReadonlySet<Coding> = new Set<Coding>(["events", "lines"]);

/** In which codings texts stood within a text, and within those. */
export interface Layers {
  readonly inner: ReadonlyMap<Coding, Layers>;
  /** Texts stood in it in another way, which this does not tell. */
  readonly isOpaque: boolean;
  /** Equal for equal layers. */
  readonly name: string;
}

export class SeenLayers implements Layers {
  readonly inner = new Map<Coding, SeenLayers>();
  #isOpaque = false;

  /** @param isBeyond of a text that stands in the one above in no such coding, and of all within that */
  constructor(
    readonly above?: SeenLayers,
    readonly isBeyond = false,
  ) {}

  /** @param coding absent where it is none of those that layers know */
  within(coding: Coding | undefined): SeenLayers {
    if (coding === undefined || this.isBeyond || (this.above !== undefined && BEGINS_LINES.has(coding))) {
      this.#markOpaque();
      return new SeenLayers(this, true);
    }
    let seen = this.inner.get(coding);
    if (seen === undefined) {
      seen = new SeenLayers(this);
      this.inner.set(coding, seen);
    }
    return seen;
  }

  #markOpaque(): void {
    this.#isOpaque = true;
    if (this.above !== undefined) this.above.#markOpaque();
  }

  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  get name(): string {
    return [...this.inner]
      .map(([coding, { name }]) => `${coding}(${name})`)
      .sort()
      .join();
  }
}

/** Whether a known secret may stand in any text within the bytes. False is certain. */
export function mayStandInLayers(bytes: Buffer, { inner }: Layers, index: SecretIndex): boolean {
  if (index.size === 0) return false;
  for (const [coding, layers] of inner) {
    const decoded = VIEWS[coding](bytes);
    if (decoded === null || index.mayStandIn(decoded) || mayStandInLayers(decoded, layers, index))
      return true;
  }
  return false;
}

/** The bytes with all that may be encoded decoded; null where that is no text. */
const VIEWS: Readonly<Record<Coding, (bytes: Buffer) => Buffer | null>> = {
  json: (bytes) => unescapedJson(bytes, 0, bytes.length),
  form: (bytes) => decodedParams(bytes, 0, bytes.length),
  markup: (bytes) => Buffer.from(decodeMarkup(bytes.toString("utf8"))),
  events: (bytes) => joinedTexts(bytes, "events"),
  lines: (bytes) => joinedTexts(bytes, "lines"),
};
