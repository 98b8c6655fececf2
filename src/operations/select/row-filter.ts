// Asks a filter about a row with as little as it takes: the facts of the index first, then the line with the headers,
// then one body, the other, the messages.
import { TrafficError } from "../../errors.js";
import type { Body } from "../../exchange/body.js";
import type { Exchange } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { Needs } from "../../filter/condition.js";
import type { Subject, SubjectMessage, Verdict } from "../../filter/subject.js";
import type { Block } from "../../session/index/block.js";
import { readBodyFlags } from "../../session/index/body-flags.js";
import { RowView } from "../../session/index/row-view.js";
import type { Place, Rows } from "../../session/rows.js";
import { ContentReader, SEARCHED_BYTES } from "./content.js";

/** What a selection asks of a filter. */
export interface RowCondition {
  readonly needs: Needs;
  /** @throws PATTERN_TOO_SLOW */
  test(subject: Subject): Verdict;
}

/** What is known of the row so far; one object for all rows. */
interface KnownSubject {
  facts: RowView;
  readonly phase: "done";
  requestHeaders?: RawHeaders;
  responseHeaders?: RawHeaders | null;
  requestContent?: string;
  responseContent?: string | null;
  messages?: readonly SubjectMessage[];
}

export class RowFilter {
  readonly contents: ContentReader;
  readonly #filter: RowCondition;
  readonly #rows: Rows;
  readonly #label: string;
  #subject: KnownSubject | undefined;

  /** @param label of the source, for errors. */
  constructor(filter: RowCondition, rows: Rows, label: string) {
    this.#filter = filter;
    this.#rows = rows;
    this.#label = label;
    this.contents = new ContentReader(rows);
  }

  /** By what the index holds. @returns undefined where that does not tell: `decide` then. @throws PATTERN_TOO_SLOW */
  byFacts(block: Block, row: number): Verdict {
    return this.#test(this.#subjectAt(block, row));
  }

  /** By whatever it takes. @throws PATTERN_TOO_SLOW, SESSION_DAMAGED, IndexDamaged */
  async decide(block: Block, row: number): Promise<boolean> {
    const subject = this.#subjectAt(block, row);
    return this.#byBodies(block, row, subject) ?? (await this.#byLine(block, row, subject));
  }

  /** By the bodies alone, where these are asked for, stand in the line and have no coding. */
  #byBodies(block: Block, row: number, subject: KnownSubject): Verdict {
    const { needs } = this.#filter;
    const flags = block.byte("bodies", row);
    if (needs.headers || !(needs.requestContent || needs.responseContent)) return undefined;
    if (readBodyFlags(flags, "request").coded || readBodyFlags(flags, "response").coded) return undefined;
    const bodies = this.#rows.bodies(block.number("offset", row), block.lengths[row]!);
    if (bodies === undefined) return undefined;
    const request = this.contents.inline(bodies.request, []);
    if (request !== undefined) subject.requestContent = request;
    const response = bodies.response === null ? null : this.contents.inline(bodies.response, []);
    if (response !== undefined) subject.responseContent = response;
    return this.#test(subject);
  }

  async #byLine(block: Block, row: number, subject: KnownSubject): Promise<boolean> {
    const { needs } = this.#filter;
    const read = this.#rows.get(block.number("offset", row), block.lengths[row]!);
    const exchange = read ?? (await this.#rows.load(placeAt(block, row)));
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    subject.requestHeaders = exchange.request.headers;
    subject.responseHeaders = response?.headers ?? null;
    if (needs.headers) {
      const verdict = this.#test(subject);
      if (verdict !== undefined) return verdict;
    }
    if (needs.requestContent && subject.requestContent === undefined) {
      subject.requestContent = await this.#content(exchange.request);
      const verdict = this.#test(subject);
      if (verdict !== undefined) return verdict;
    }
    if (needs.responseContent && subject.responseContent === undefined) {
      subject.responseContent = response === undefined ? null : await this.#content(response);
      const verdict = this.#test(subject);
      if (verdict !== undefined) return verdict;
    }
    if (needs.messages) subject.messages = await this.#messages(block, row, exchange);
    return this.#test(subject) ?? false;
  }

  async #content({ body, headers }: { body: Body; headers: RawHeaders }): Promise<string> {
    return this.contents.inline(body, headers) ?? (await this.contents.read(body, headers));
  }

  async #messages(block: Block, row: number, exchange: Exchange): Promise<SubjectMessage[]> {
    const messages: SubjectMessage[] = [];
    if (exchange.kind !== "websocket") return messages;
    let left = SEARCHED_BYTES;
    for await (const { direction, opcode, body } of this.#rows.messages(placeAt(block, row))) {
      const content = this.contents.inline(body, []) ?? (await this.contents.read(body, [], left));
      left -= content.length;
      messages.push({ direction, opcode, content });
      if (left > 0) continue;
      this.contents.gaps.limited++;
      break;
    }
    return messages;
  }

  #subjectAt(block: Block, row: number): KnownSubject {
    const facts = this.#subject?.facts ?? new RowView(block, row);
    facts.move(block, row);
    const subject: KnownSubject = { facts, phase: "done" };
    this.#subject = subject;
    const { needs } = this.#filter;
    if (needs.requestContent || needs.responseContent) {
      const flags = block.byte("bodies", row);
      // That nothing is stored is known without the line.
      if (!readBodyFlags(flags, "request").stored) subject.requestContent = "";
      if (Number.isNaN(block.number("status", row))) subject.responseContent = null;
      else if (!readBodyFlags(flags, "response").stored) subject.responseContent = "";
    }
    if (needs.messages && block.number("places", row) === 0) subject.messages = [];
    return subject;
  }

  #test(subject: KnownSubject): Verdict {
    try {
      return this.#filter.test(subject);
    } catch (cause) {
      if (!(cause instanceof TrafficError) || cause.code !== "PATTERN_TOO_SLOW") throw cause;
      const { seq, method, url } = subject.facts;
      const message = `${cause.message}, in exchange ${seq} of ${this.#label} (${method} ${url.slice(0, 200)})`;
      throw new TrafficError(cause.code, message, {
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
        cause,
      });
    }
  }
}

export function placeAt(block: Block, row: number): Place {
  return {
    id: block.id(row),
    offset: block.number("offset", row),
    length: block.lengths[row]!,
    places: block.number("places", row),
  };
}
