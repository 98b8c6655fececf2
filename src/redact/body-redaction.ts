// Redacts decoded bodies. What a first pass found out about one is kept, so that the second need not look for it again.
import { findLearned } from "./find-anywhere.js";
import { redactBinary } from "./find-binary.js";
import { type Outcome, Outcomes } from "./outcomes.js";
import { type Finding, Scan } from "./scan.js";
import { mayStandInLayers } from "./screen/layers.js";
import { layersOfNothing } from "./screen/screen.js";
import { mayHoldTokens } from "./screen/tokens.js";
import type { ContentInfo, Work } from "./work.js";
import { scanOf, type Works } from "./works.js";

/** A body as text, which may be made when it is asked for. `charset` is what it was read by, as the reader calls it; bytes in UTF-8 are read as "utf-8". */
export interface BodyText {
  readonly text: string;
  readonly charset: string | null;
}

/** Reads a body as text; null where it is none. */
export type ReadBody = () => BodyText | null;

export class BodyRedaction {
  readonly #outcomes = new Outcomes();

  constructor(readonly works: Works) {}

  content(text: string, info: ContentInfo): string {
    return this.works.keeps(info.url) ? text : scanOf(text, this.#work(info), info.contentType).result();
  }

  bytes(bytes: Buffer, info: ContentInfo): Buffer {
    if (this.works.keeps(info.url)) return bytes;
    const latin1 = bytes.toString("latin1");
    const cleaned = redactBinary(latin1, this.#work(info));
    return cleaned === latin1 ? bytes : Buffer.from(cleaned, "latin1");
  }

  body(bytes: Buffer, info: ContentInfo, read: ReadBody): BodyText | Buffer {
    if (bytes.length === 0 || this.works.keeps(info.url)) return bytes;
    // Bytes are not learned from, and a look at them costs less than the key that they would be known by.
    const early = mayBeBytes(bytes, info.contentType) ? read() : undefined;
    if (early === null) return this.#bytesIfAny(bytes, info);
    const key = this.#outcomes.keyOf(bytes, info);
    const known = this.#outcomes.get(key);
    if (known !== undefined) return this.#known(bytes, info, known, true);
    const given = early ?? read();
    if (given === null) return this.#bytesIfAny(bytes, info);
    const { charset } = given;
    const work = this.#work(info);
    const layers = charset === "utf-8" ? layersOfNothing(bytes, info.contentType, work) : null;
    if (layers === null) {
      const before = this.works.nested;
      const scan = scanOf(given.text, work, info.contentType);
      if (charset === "utf-8" && this.works.nested === before)
        this.#outcomes.set(key, { findings: scan.own });
      return this.#written(scan, bytes, charset);
    }
    const outcome = { findings: work.policy.hasPatterns ? this.#patternsIn(given.text, work) : [], layers };
    if (!layers.isOpaque) this.#outcomes.set(key, outcome);
    return this.#known(bytes, info, outcome, false);
  }

  #patternsIn(text: string, work: Work): readonly Finding[] {
    const scan = new Scan(text, work);
    work.policy.findPatterns(scan);
    return scan.own;
  }

  /** A body of which is known what stands in it. */
  #known(
    bytes: Buffer,
    info: ContentInfo,
    { findings, layers }: Outcome,
    isKnown: boolean,
  ): BodyText | Buffer {
    const { vault, isLearning } = this.works;
    // What was found for the first time gets its numbers, also where nobody sees the text.
    if (isLearning && (isKnown || findings.length === 0)) return bytes;
    if (layers !== undefined && mayStandInLayers(bytes, layers, vault.index)) {
      return this.#written(
        scanOf(bytes.toString("utf8"), this.#work(info), info.contentType),
        bytes,
        "utf-8",
      );
    }
    if (findings.length === 0 && !vault.index.mayStandIn(bytes)) return bytes;
    const scan = new Scan(bytes.toString("utf8"), this.#work(info), findings);
    findLearned(scan);
    return this.#written(scan, bytes, "utf-8");
  }

  #written(scan: Scan, bytes: Buffer, charset: string | null): BodyText | Buffer {
    const text = scan.result();
    return text === scan.text ? bytes : { text, charset };
  }

  #bytesIfAny(bytes: Buffer, info: ContentInfo): Buffer {
    if (this.works.isLearning) return bytes;
    const work = this.#work(info);
    if (!mayHoldTokens({ bytes, work, nested: () => true }, true) && !work.vault.index.mayStandIn(bytes))
      return bytes;
    return this.bytes(bytes, info);
  }

  #work(info: ContentInfo): Work {
    return this.works.at(`${info.side} body`, info);
  }
}

/** Whether one glance says that a body is hardly text. */
function mayBeBytes(bytes: Buffer, contentType: string): boolean {
  if (MEDIA.test(contentType)) return true;
  return /^\s*application\/octet-stream/i.test(contentType) && bytes.subarray(0, GLANCE).includes(0);
}

/** Media types whose bodies are bytes, but for some. */
const MEDIA = /^\s*(?:image|audio|video|font)\//i;
const GLANCE = 4096;
