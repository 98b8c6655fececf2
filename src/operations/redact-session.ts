// A session without its secrets: the same exchanges, redacted as an export would, as a new session.
import { isUtf8 } from "node:buffer";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import { characterEnd, chunksOf, contentStream, heldContent, type Message } from "./har/contents.js";
import { learnAll } from "./har/learn.js";
import { redactedMessages } from "./har/messages.js";
import { importedPages } from "./har/pages.js";
import { redactedPieces } from "./har/redacted-pieces.js";
import { type QueryInput, query, type Selected, type SourceReport } from "./query.js";
import { type ContentPlace, type Policy, Redaction, type RedactionReport } from "./redaction.js";
import { type BodyBytes, type SessionWriter, type WrittenSession, writeSession } from "./write-session.js";

export interface RedactInput extends QueryInput {
  /** Name of the new session. */
  readonly into: string;
  readonly policy?: Policy | undefined;
  readonly onRedacted?: ((progress: { what: string; done: number; total: number }) => void) | undefined;
}

export interface RedactedSession extends WrittenSession {
  readonly redaction: RedactionReport;
  readonly sources: readonly SourceReport[];
}

/** @throws SESSION_EXISTS, BAD_OPTION, DISK_FULL, IO_FAILED, and what `query` throws. Nothing is left then. */
export async function redactSession(input: RedactInput): Promise<RedactedSession> {
  const selection = await query(input);
  try {
    const redaction = new Redaction(input.policy);
    await learnAll(selection, redaction, { onExported: input.onRedacted });
    const origin = { redacted: selection.reports.map(({ source }) => source.label) };
    const written = await writeSession(
      { home: input.home, name: input.into, options: origin },
      async (writer) => {
        const pages = await importedPages(selection, redaction);
        if (pages.length > 0) writer.har({ pages });
        let done = 0;
        for await (const selected of selection) {
          await copyRedacted(selected, writer, redaction);
          input.onRedacted?.({ what: "writing", done: ++done, total: selection.given });
        }
      },
    );
    return { ...written, redaction: redaction.report, sources: selection.reports };
  } finally {
    await selection.close();
  }
}

async function copyRedacted(selected: Selected, writer: SessionWriter, redaction: Redaction): Promise<void> {
  const exchange = await selected.exchange();
  const { url } = exchange.request;
  const options = { bodies: true, maxBody: undefined, redaction };
  for await (const { message, bytes } of redactedMessages(selected, url, options)) {
    await writer.message(message, bytes ?? Buffer.alloc(0));
  }
  const clean = redaction.exchange(exchange);
  const request = await redactedBody(selected, exchange.request, "request", url, redaction);
  const asked = { ...clean, request: { ...clean.request, body: request.body } };
  if (exchange.kind === "tunnel" || exchange.response === undefined || asked.kind === "tunnel") {
    await writer.exchange(asked, { request: request.bytes });
    return;
  }
  const response = await redactedBody(selected, exchange.response, "response", url, redaction);
  const answer = asked.response ?? exchange.response;
  await writer.exchange(
    { ...asked, response: { ...answer, body: response.body }, ...sizesOf(clean, response) },
    { request: request.bytes, response: response.bytes },
  );
}

interface RedactedBody {
  readonly bytes: BodyBytes;
  readonly body: Body;
  /** Decoded bytes before, where the content coding is gone with them. */
  readonly size?: number;
}

/** What an export of the new session says of the content's size: that of what was sent. */
function sizesOf({ har }: Exchange, { body, size }: RedactedBody): Pick<Exchange, "har"> {
  if (size === undefined) return {};
  return { har: { ...har, content: { ...har?.content, size, compression: size - body.size } } };
}

/** The stored bytes themselves where nothing was replaced. What was replaced in is kept without its content coding. */
async function redactedBody(
  selected: Selected,
  message: Message,
  side: ContentPlace["side"],
  url: string,
  redaction: Redaction,
): Promise<RedactedBody> {
  const { body, headers } = message;
  const place = { headers, side, url };
  if (body.kind === "empty" || body.kind === "omitted") return { bytes: Buffer.alloc(0), body };
  const { bytes, beyond, codings } = await heldContent(selected, message);
  const isCoded = codings.length > 0;
  if (beyond) {
    const isText = isUtf8(bytes.subarray(0, characterEnd(bytes)));
    const pieces = redactedPieces(await contentStream(selected, message), place, redaction, isText);
    const { chunks: _sent, ...rest } = body;
    return { bytes: pieces, body: isCoded ? { ...rest, decoded: "content" } : body };
  }
  const { bytes: clean, utf8, chunks } = redaction.content(bytes, place, await chunksOf(selected, message));
  if (clean.equals(bytes)) return { bytes: await selected.storedBody(body, Number.POSITIVE_INFINITY), body };
  const { chunks: _sent, ...rest } = body;
  const decoded = utf8 === true ? "text" : isCoded ? "content" : body.decoded;
  return {
    bytes: clean,
    ...(isCoded ? { size: bytes.length } : {}),
    body: {
      ...rest,
      ...(chunks === undefined ? {} : { chunks }),
      ...(decoded === undefined ? {} : { decoded }),
    },
  };
}
