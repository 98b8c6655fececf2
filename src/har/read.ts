// Reads a HAR as a stream: its entries one by one with their numbers, the fields of `log` beside them. A file of any
// size in constant memory; JSON.parse sees one entry at a time.
import { TrafficError } from "../errors.js";
import { harBytes } from "./byte-source.js";
import { type LongTexts, withOtherTexts } from "./long-texts.js";
import { notAHar } from "./not-a-har.js";
import { HarSplitter, type RawPart, type SplitLimits } from "./split.js";
import { Spool } from "./spool.js";

/** What `log` holds beside its entries, as found so far; complete when the parts have ended. */
export interface HarLogFields {
  version?: unknown;
  creator?: unknown;
  browser?: unknown;
  comment?: unknown;
  /** Absent where the file has none. */
  pages?: readonly unknown[];
  /** Fields that HAR 1.2 does not know. */
  others: Map<string, unknown>;
}

export type HarPart =
  | {
      readonly kind: "entry";
      readonly number: number;
      readonly entry: unknown;
      /**
       * Bodies too long to be held: in `entry`, the key stands in place of the text. Valid until the next part is asked
       * for.
       */
      readonly texts: LongTexts;
    }
  /** Something that could not be read: an entry (`number`), a field of `log`, or the file itself. */
  | { readonly kind: "problem"; readonly number?: number; readonly message: string };

export interface ReadHarOptions {
  /** Filled while the parts are read. */
  readonly fields?: HarLogFields;
  /** Throws at the first problem. */
  readonly strict?: boolean;
  /** Bytes of JSON that one entry may have, without its long texts. Default 32 MB. */
  readonly entryLimit?: number;
  /** Bytes from which on a text waits in a temporary file. Default 4 MB. */
  readonly textLimit?: number;
}

/** Without its long texts, an entry is held three times for a moment: as bytes, as text, as its values. */
const ENTRY_LIMIT = 32 << 20;
const FIELD_LIMIT = 16 << 20;
/** From here on a text is spooled. Below, it is faster in memory. */
const TEXT_LIMIT = 4 << 20;
/** JSON.stringify and whatever else walks an entry goes as deep as the entry does. */
const DEPTH_LIMIT = 500;

export function emptyLogFields(): HarLogFields {
  return { others: new Map() };
}

/**
 * @param source the file's bytes: JSON, gzip or zlib, with or without a byte order mark. Not a zip (openHar).
 * @throws HAR_INVALID when it is not a HAR at all, naming what it is instead; with `strict`, at the first problem.
 */
export async function* readHar(
  source: AsyncIterable<Buffer>,
  options: ReadHarOptions = {},
): AsyncGenerator<HarPart> {
  const text = options.textLimit ?? TEXT_LIMIT;
  const limits: SplitLimits = {
    entry: { bytes: options.entryLimit ?? ENTRY_LIMIT, depth: DEPTH_LIMIT, text },
    field: { bytes: FIELD_LIMIT, depth: DEPTH_LIMIT, text: Number.POSITIVE_INFINITY },
  };
  const spool = new Spool();
  try {
    yield* partsOf(source, limits, spool, options);
  } finally {
    spool.close();
  }
}

async function* partsOf(
  source: AsyncIterable<Buffer>,
  limits: SplitLimits,
  spool: Spool,
  options: ReadHarOptions,
): AsyncGenerator<HarPart> {
  const fields = options.fields ?? emptyLogFields();
  const splitter = new HarSplitter(limits, spool);
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of harBytes(source)) {
    if (start.length < 512) start = Buffer.concat([start, chunk.subarray(0, 512)]);
    // What was read from it has been dealt with.
    if (!splitter.holdsText) spool.reset();
    for (const raw of splitter.push(chunk)) {
      const part = readPart(raw, fields);
      if (part !== undefined) yield checked(part, options.strict);
    }
    if (splitter.firstByte !== undefined && splitter.firstByte !== 0x7b) break;
  }
  if (!splitter.hasEntries || splitter.entriesAreNoList) throw notAHar(splitter, start);
  for (const raw of splitter.end()) {
    const part = readPart(raw, fields);
    if (part !== undefined) yield checked(part, options.strict);
  }
}

function readPart(raw: RawPart, fields: HarLogFields): HarPart | undefined {
  if (raw.kind === "fault") return problem(raw.message, raw.number);
  const number = raw.kind === "field" ? undefined : raw.number;
  const what = number === undefined ? `log.${"key" in raw ? raw.key : ""}` : `entry ${number}`;
  if (raw.kind === "dropped") return problem(`${what} was passed over: ${raw.why}`, number);
  try {
    const value: unknown = JSON.parse(raw.json.toString("utf8"));
    if (raw.kind === "field") return keepField(fields, raw.key, value);
    const { texts } = raw;
    const entry = texts.size === 0 ? value : withOtherTexts(value, raw.json, texts);
    return { kind: "entry", number: raw.number, entry, texts };
  } catch (error) {
    if (error instanceof TrafficError) throw error;
    return problem(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, number);
  }
}

function keepField(fields: HarLogFields, key: string, value: unknown): HarPart | undefined {
  if (key === "pages") {
    if (!Array.isArray(value)) return problem("log.pages is not a list");
    fields.pages = value;
  } else if (key === "version" || key === "creator" || key === "browser" || key === "comment") {
    fields[key] = value;
  } else fields.others.set(key, value);
  return undefined;
}

function problem(message: string, number?: number): HarPart {
  return { kind: "problem", message, ...(number === undefined ? {} : { number }) };
}

function checked(part: HarPart, strict = false): HarPart {
  if (strict && part.kind === "problem") {
    throw new TrafficError("HAR_INVALID", part.message, { hint: "--lenient reads what can be read" });
  }
  return part;
}
