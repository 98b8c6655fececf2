// The recording of one exchange as its rules allow it: bodies wait until it is known what is kept out, and everything is
// handed on without that. What can't be told is kept out.
import { setImmediate } from "node:timers/promises";
import type { Body } from "../../../exchange/body.js";
import type { Exchange } from "../../../exchange/exchange.js";
import type { BodyWriter, BodyWriterOptions, Recording } from "../../../exchange/recording.js";
import type { WebSocketMessage } from "../../../exchange/websocket-message.js";
import type { KeptOut } from "../../../rules/acting.js";
import { Redaction } from "../../redaction.js";
import {
  type BodyOutcome,
  concernsBodies,
  ExchangeRedaction,
  leavesOut,
  looksAtBodies,
} from "./exchange-redaction.js";
import { type Fate, HeldBody, HeldBytes } from "./held-body.js";

/** What is kept out of one exchange, as far as it is known. */
type Known = () => { readonly parts: readonly KeptOut[]; readonly isFinal: boolean };

/** Secrets that one redaction numbers; the next begins anew. Keeps a long recording's memory bounded. */
const MOST_SECRETS = 20_000;

/** Bodies that take about a millisecond to look into. */
const SMALL_BYTES = 32 * 1024;

/** What the recordings of one run share. */
export class RecordingRedaction {
  readonly #room = new HeldBytes();
  readonly #pending = new Set<Promise<void>>();
  readonly #onFailure: (error: unknown) => void;
  #secrets: Redaction | undefined;
  #turns: Promise<void> = Promise.resolve();

  /** @param onFailure told of a defect: the exchange was recorded without its bodies */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** @param known asked anew with each step */
  of(recording: Recording, known: Known): Recording {
    return new RedactedRecording(recording, known, this.#room, {
      secrets: () => this.#secretsNow(),
      during: (work) => this.#during(work),
      turn: () => this.#turn(),
    });
  }

  /** Everything that is over has been handed to the recording. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #secretsNow(): Redaction {
    if (this.#secrets === undefined || this.#secrets.report.secrets > MOST_SECRETS) {
      this.#secrets = new Redaction();
    }
    return this.#secrets;
  }

  #turn(): Promise<void> {
    this.#turns = this.#turns.then(() => setImmediate());
    return this.#turns;
  }

  #during(work: Promise<void>): void {
    const done = work.catch(this.#onFailure).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}

interface Shared {
  secrets(): Redaction;
  during(work: Promise<void>): void;
  /** One exchange has it in each turn of the event loop. */
  turn(): Promise<void>;
}

class RedactedRecording implements Recording {
  readonly #recording: Recording;
  readonly #known: Known;
  readonly #room: HeldBytes;
  readonly #shared: Shared;
  /** By what stands for them. */
  readonly #held = new WeakMap<Body, HeldBody>();
  #redaction: { readonly parts: number; readonly of: ExchangeRedaction } | undefined;
  #url = "";

  constructor(recording: Recording, known: Known, room: HeldBytes, shared: Shared) {
    this.#recording = recording;
    this.#known = known;
    this.#room = room;
    this.#shared = shared;
  }

  nextSeq(): number {
    return this.#recording.nextSeq();
  }

  get behind(): boolean {
    return this.#recording.behind;
  }

  onDrain(callback: () => void): void {
    this.#recording.onDrain(callback);
  }

  openBody(options: BodyWriterOptions): BodyWriter {
    const fate = (): Fate => this.#fate(options.part);
    const body = new HeldBody(options, this.#recording, this.#room, fate);
    return {
      write: (chunk) => body.write(chunk),
      discard: () => body.discard(),
      end: (truncated) => {
        const described = { ...body.end(truncated) };
        this.#held.set(described, body);
        return described;
      },
    };
  }

  opened(exchange: Exchange): void {
    this.#url = exchange.request.url;
    // What its bodies give away, and what may stand in its head as well, is known at its end.
    if (exchange.kind === "http" && looksAtBodies(this.#known().parts)) return;
    this.#recording.opened(this.#redactionNow().heads(exchange));
  }

  message(message: WebSocketMessage): void {
    const held = this.#held.get(message.body);
    const bytes = held?.passed?.bytes;
    if (held === undefined || bytes === undefined) {
      this.#recording.message({ ...message, body: held?.store() ?? message.body });
      return;
    }
    const { direction, opcode } = message;
    const clean = this.#redactionNow().message({ direction, isText: opcode !== 2, bytes }, this.#url);
    const isSame = clean?.equals(bytes) === true;
    const as =
      clean === undefined || isSame ? undefined : { bytes: clean, chunks: undefined, decoded: undefined };
    this.#recording.message({ ...message, body: clean === undefined ? held.leaveOut() : held.store(as) });
  }

  finished(exchange: Exchange): void {
    const request = this.#held.get(exchange.request.body);
    const answer = exchange.kind === "tunnel" ? undefined : exchange.response;
    const response = answer === undefined ? undefined : this.#held.get(answer.body);
    if (this.#known().parts.length === 0) {
      this.#recording.finished(withBodies(exchange, request?.store(), response?.store()));
    } else if (request?.passed === undefined && response?.passed === undefined) {
      const heads = this.#redactionNow().heads(exchange);
      this.#recording.finished(withBodies(heads, request?.store(), response?.store()));
    } else this.#shared.during(this.#finish(exchange, request, response));
  }

  async #finish(
    exchange: Exchange,
    request: HeldBody | undefined,
    response: HeldBody | undefined,
  ): Promise<void> {
    let clean = exchange;
    let bodies: { request?: Body | undefined; response?: Body | undefined };
    try {
      // Several that end at once must not add up to a long silence: 5 MB of JSON take a tenth of a second.
      if (Math.max(request?.size ?? 0, response?.size ?? 0) > SMALL_BYTES) await this.#shared.turn();
      const passed = { ...bodyOf("request", request), ...bodyOf("response", response) };
      const redacted = await this.#redactionNow().exchange(exchange, passed);
      clean = redacted.exchange;
      bodies = { request: stored(request, redacted.request), response: stored(response, redacted.response) };
    } catch (error) {
      // A defect costs the bodies, never what must not be recorded.
      clean = this.#redactionNow().heads(exchange);
      this.#recording.finished(withBodies(clean, request?.leaveOut(), response?.leaveOut()));
      throw error;
    }
    this.#recording.finished(withBodies(clean, bodies.request, bodies.response));
  }

  /** Made anew when more is kept out than before. */
  #redactionNow(): ExchangeRedaction {
    const { parts } = this.#known();
    if (this.#redaction === undefined || this.#redaction.parts !== parts.length) {
      this.#redaction = {
        parts: parts.length,
        of: new ExchangeRedaction(parts, () => this.#shared.secrets()),
      };
    }
    return this.#redaction.of;
  }

  #fate(part: BodyWriterOptions["part"]): Fate {
    const { parts, isFinal } = this.#known();
    if (part !== "message" && leavesOut(parts, part) && isFinal) return "left-out";
    return concernsBodies(parts) ? "wait" : "pass";
  }
}

function bodyOf<Side extends string>(side: Side, held: HeldBody | undefined): object {
  const passed = held?.passed;
  return passed === undefined ? {} : { [side]: passed };
}

function stored(held: HeldBody | undefined, outcome: BodyOutcome): Body | undefined {
  if (held === undefined) return undefined;
  if (outcome.kind === "left-out") return held.leaveOut();
  return outcome.kind === "changed" ? held.store(outcome) : held.store();
}

function withBodies(exchange: Exchange, request: Body | undefined, response: Body | undefined): Exchange {
  const asked =
    request === undefined ? exchange : { ...exchange, request: { ...exchange.request, body: request } };
  if (asked.kind === "tunnel" || asked.response === undefined || response === undefined) return asked;
  return { ...asked, response: { ...asked.response, body: response } };
}
