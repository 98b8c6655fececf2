// One exchange with everything that is known of it: heads, decoded bodies with what they mean, messages.

import type { DecodedContent } from "../content/decode.js";
import { decodedChunks } from "../content/decoded-chunks.js";
import { viewContent } from "../content/view.js";
import type { ContentView } from "../content/view-types.js";
import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { type QueryInput, query, type Selected } from "./query.js";

export type { ContentView, PartView, TimedEvent } from "../content/view-types.js";

export interface ShowInput {
  /** As resolveHome gives it. */
  readonly home: string;
  /** A session or file, as `query` takes it. */
  readonly session: string;
  /** The exchange's number in its session, its id, or a beginning of the id that no other has. */
  readonly exchange: string;
}

export interface ShownContent {
  /** What the bytes mean; of the first of them where there are many. */
  readonly view: ContentView;
  /** A sentence: why the body could not be decoded, or not all of it. */
  readonly problem?: string;
  /** Codings that were taken off, in the order in which they had been applied. */
  readonly codings: readonly string[];
  /** Only so many bytes were decoded. */
  readonly limited?: true;
}

export interface ShownMessage {
  readonly message: WebSocketMessage;
  readonly view: ContentView;
}

export interface ShownExchange {
  readonly session: string;
  /** It had not ended when it was last written. */
  readonly open: boolean;
  readonly exchange: Exchange;
  readonly request: ShownContent;
  /** null where no response came. */
  readonly response: ShownContent | null;
  /** The first of a WebSocket's messages. */
  readonly messages: readonly ShownMessage[];
  /** Messages beyond those. */
  readonly furtherMessages: number;
}

/** Bytes of a body that are decoded and looked at for a person; `--body` gives all of them. */
const VIEW_LIMIT = 1024 * 1024;
const MOST_MESSAGES = 1000;

/** @throws EXCHANGE_NOT_FOUND, and what `query` throws. */
export async function show(input: ShowInput): Promise<ShownExchange> {
  return await withExchange(input, async (selected) => {
    const exchange = await selected.exchange();
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    const { messages, further } = await shownMessages(selected);
    return {
      session: selected.source.label,
      open: selected.open,
      exchange,
      request: await shown(exchange.request, await selected.requestContent({ limit: VIEW_LIMIT }), {
        url: exchange.request.url,
      }),
      response:
        response === undefined
          ? null
          : await shown(response, await selected.responseContent({ limit: VIEW_LIMIT }), {
              stored: () => selected.storedBody(response.body, VIEW_LIMIT),
            }),
      messages,
      furtherMessages: further,
    };
  });
}

/**
 * Finds one exchange and does something with it while its session is open.
 * @throws EXCHANGE_NOT_FOUND, and what `query` and the task throw.
 */
export async function withExchange<T>(
  input: ShowInput,
  task: (selected: Selected) => Promise<T>,
): Promise<T> {
  const found: QueryInput = {
    home: input.home,
    words: [input.session],
    filter: `~id "${input.exchange.replace(/["\\]/g, "\\$&")}"`,
    limit: 2,
  };
  const selection = await query(found);
  try {
    const all: Selected[] = [];
    for await (const selected of selection) all.push(selected);
    const [first] = all;
    if (first === undefined) throw notFound(input);
    if (all.length > 1) throw ambiguous(input, selection.total, all);
    return await task(first);
  } finally {
    await selection.close();
  }
}

async function shown(
  { body, headers }: { readonly body: Body; readonly headers: RawHeaders },
  decoded: DecodedContent | null,
  extras: { readonly url?: string; readonly stored?: () => Promise<Buffer> },
): Promise<ShownContent> {
  const { bytes, codings, problem, limited } = decoded ?? { bytes: Buffer.alloc(0), codings: [] };
  const chunks =
    body.chunks === undefined || body.decoded !== undefined || extras.stored === undefined
      ? body.chunks
      : await decodedChunks(await extras.stored(), headers, body.chunks);
  const view = viewContent({
    bytes,
    contentType: headerValue(headers, "content-type") ?? "",
    headers,
    ...(extras.url === undefined ? {} : { url: extras.url }),
    ...(chunks === undefined ? {} : { chunks }),
  });
  return {
    view,
    codings,
    ...(problem === undefined ? {} : { problem }),
    ...(limited === undefined ? {} : { limited }),
  };
}

async function shownMessages(selected: Selected): Promise<{ messages: ShownMessage[]; further: number }> {
  const messages: ShownMessage[] = [];
  let further = 0;
  for await (const message of selected.messages()) {
    if (messages.length === MOST_MESSAGES) {
      further++;
      continue;
    }
    const bytes = await selected.storedBody(message.body, VIEW_LIMIT);
    const isText = message.opcode === 1;
    const contentType = isText ? "" : "application/octet-stream";
    messages.push({ message, view: viewContent({ bytes, contentType, headers: [], dumpLimit: 64 }) });
  }
  return { messages, further };
}

function notFound({ session, exchange }: ShowInput): TrafficError {
  return new TrafficError("EXCHANGE_NOT_FOUND", `there is no exchange '${exchange}' in ${session}`, {
    hint: `\`trafficctl query ${session}\` lists them with their numbers; --fields id,seq,url shows the ids`,
  });
}

function ambiguous({ exchange }: ShowInput, total: number, some: readonly Selected[]): TrafficError {
  const named = some.map(({ facts }) => facts.id).join(", ");
  return new TrafficError("EXCHANGE_NOT_FOUND", `${total} exchanges are meant by '${exchange}'`, {
    hint: `write more of the id: ${named}${total > some.length ? ", …" : ""}`,
  });
}
