// One exchange on its way to a new session, without what rules keep out of it: what a recording under those rules would
// have left out.
import type { Body } from "../../../exchange/body.js";
import type { Exchange } from "../../../exchange/exchange.js";
import type { WebSocketMessage } from "../../../exchange/websocket-message.js";
import { BODY_LIMIT } from "../../../rules/limits.js";
import type { BodyBytes, DescribedBody, ExchangeBodies, SessionWriter } from "../../write-session.js";
import type { BodyOutcome, ExchangeRedaction, PassedBody } from "./exchange-redaction.js";

type Source = BodyBytes | DescribedBody;

export class RedactedWriter implements SessionWriter {
  readonly #writer: SessionWriter;
  readonly #redaction: ExchangeRedaction;
  readonly #url: string;

  /** @param exchange the one that will be written; its messages come before it */
  constructor(writer: SessionWriter, redaction: ExchangeRedaction, exchange: Exchange) {
    this.#writer = writer;
    this.#redaction = redaction;
    this.#url = exchange.request.url;
    // What its head gives away is left out of the messages too.
    redaction.heads(exchange);
  }

  async exchange(exchange: Exchange, bodies: ExchangeBodies): Promise<void> {
    const request = await this.#passed(exchange.request.body, bodies.request);
    const answer = exchange.kind === "tunnel" ? undefined : exchange.response;
    const response =
      answer === undefined || bodies.response === undefined
        ? undefined
        : await this.#passed(answer.body, bodies.response);
    const redacted = await this.#redaction.exchange(exchange, {
      ...(request === undefined ? {} : { request: request.body }),
      ...(response === undefined ? {} : { response: response.body }),
    });
    const asked = written(exchange.request.body, bodies.request, request, redacted.request);
    const clean = { ...redacted.exchange, request: { ...redacted.exchange.request, body: asked.body } };
    if (
      answer === undefined ||
      bodies.response === undefined ||
      clean.kind === "tunnel" ||
      clean.response === undefined
    ) {
      await this.#writer.exchange(clean, { request: asked.source });
      return;
    }
    const answered = written(answer.body, bodies.response, response, redacted.response);
    await this.#writer.exchange(
      { ...clean, response: { ...clean.response, body: answered.body } },
      { request: asked.source, response: answered.source },
    );
  }

  async message(message: WebSocketMessage, body: BodyBytes): Promise<void> {
    const { direction, opcode } = message;
    if (message.body.kind === "omitted") return await this.#writer.message(message, body);
    const bytes = await collected(body);
    const clean =
      bytes === undefined
        ? undefined
        : this.#redaction.message({ direction, isText: opcode !== 2, bytes }, this.#url);
    if (clean === undefined) await this.#writer.message({ ...message, body: leftOut(message.body) }, NOTHING);
    else await this.#writer.message(message, clean);
  }

  har(log: Parameters<SessionWriter["har"]>[0]): void {
    this.#writer.har(log);
  }

  /** @returns undefined where nobody looks at it: it goes on as it comes */
  async #passed(body: Body, source: Source): Promise<Passed | undefined> {
    if (body.kind === "omitted" || !this.#redaction.concernsBodies) return undefined;
    const isNew = "describe" in source;
    const bytes = await collected(isNew ? source.bytes : source);
    if (bytes?.length === 0) return undefined;
    return { isNew, body: { bytes, ...(isNew ? {} : { chunks: body.chunks, decoded: body.decoded }) } };
  }
}

interface Passed {
  readonly body: PassedBody;
  /** A rule made it: how it is described is known when it is stored. */
  readonly isNew: boolean;
}

const NOTHING = Buffer.alloc(0);

function written(
  was: Body,
  source: Source,
  passed: Passed | undefined,
  outcome: BodyOutcome,
): { readonly body: Body; readonly source: Source } {
  if (passed === undefined) return { body: was, source };
  const { bytes } = passed.body;
  if (outcome.kind === "left-out" || bytes === undefined) return { body: leftOut(was), source: NOTHING };
  const size = passed.isNew ? bytes.length : was.size;
  if (outcome.kind === "as-it-was") return { body: { ...was, size }, source: bytes };
  const { chunks: _chunks, decoded: _decoded, ...rest } = was;
  const { chunks, decoded } = outcome;
  return {
    source: outcome.bytes,
    body: {
      ...rest,
      size,
      ...(chunks === undefined ? {} : { chunks }),
      ...(decoded === undefined ? {} : { decoded }),
    },
  };
}

function leftOut({ size, truncated }: Body): Body {
  return { kind: "omitted", size, ...(truncated === undefined ? {} : { truncated }) };
}

/** @returns undefined of what is too large to be looked at */
async function collected(source: BodyBytes): Promise<Buffer | undefined> {
  if (Buffer.isBuffer(source)) return source.length > BODY_LIMIT ? undefined : source;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
