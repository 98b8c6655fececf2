// Looking at one exchange: everything at once, a part by range, the messages of a WebSocket, a command that sends it again.
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { characterEnd } from "../../operations/har/contents.js";
import { fitted, most, within } from "../budget.js";
import { EXCHANGE, SESSION, sourceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { detailsOf, shownContent, sideData, sideText } from "../exchange-details.js";
import { PARTS, readPart } from "../exchange-parts.js";
import { restText } from "../list-page.js";
import { type Answer, costOf } from "../result.js";
import { defineTool, READS, type Tool } from "../tool.js";

const getExchange = defineTool({
  name: "get_exchange",
  title: "Show one exchange",
  toolset: "query",
  description:
    "One recorded exchange: request and response with headers and decoded bodies (content coding taken off), timings, connection, error, what rules did. Whole, or only its request or its response. Bodies that do not fit are shown as far as there is room, with their size; read_exchange_part reads the rest. Secrets are replaced by REDACTED-1 and so on, equal ones alike: a placeholder is no value to send.",
  input: {
    session: SESSION,
    exchange: EXCHANGE,
    part: z.enum(["all", "request", "response"]).default("all").describe("Default all"),
    bodies: z.boolean().default(true).describe("false leaves the bodies out"),
  },
  effects: READS,
  run: async ({ session, exchange, part, bodies }, context) => {
    const { withExchange } = await import("../../operations/show.js");
    const reference = { home: context.settings.home, session: await sourceOf(session, context), exchange };
    const sides = part === "all" ? (["request", "response"] as const) : [part];
    const details = await withExchange(reference, (selected) => detailsOf(selected, sides, context));
    const answer = (room: number): Answer => ({
      text: `Exchange ${String(details.facts.seq)} of session ${session}:`,
      data: {
        ...details.facts,
        ...Object.fromEntries(details.sides.map((side) => [side.side, sideData(side, room)])),
      },
      traffic: [details.line, ...details.sides.map((side) => sideText(side, room))].join("\n\n"),
    });
    const largest = bodies ? Math.max(0, ...details.sides.map(({ content }) => content.bytes.length)) : 0;
    const room = most(largest, (bytes) => costOf(answer(bytes)) <= context.settings.budget);
    return within(answer(room), context.settings.budget);
  },
});

const readExchangePart = defineTool({
  name: "read_exchange_part",
  title: "Read a range of a body",
  toolset: "query",
  description:
    "A range of bytes of one part of an exchange: a body (decoded and redacted), a head that was too long to show, or one message of a WebSocket. Answers with the total size and the next offset, so that a body of any size can be read piece by piece. Text as text, anything else as base64. For the beginning get_exchange is enough; to find a place in a large body use search_exchanges.",
  input: {
    session: SESSION,
    exchange: EXCHANGE,
    part: z.enum(PARTS).describe("Which part"),
    message: z.number().int().min(1).exactOptional().describe("With part 'message': its number"),
    offset: z.number().int().min(0).default(0).describe("First byte; default 0"),
    length: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000_000)
      .describe("Bytes at most; default as many as fit"),
  },
  effects: READS,
  run: async ({ session, exchange, part, message, offset, length }, context) => {
    const { withExchange } = await import("../../operations/show.js");
    const source = await sourceOf(session, context);
    const { budget } = context.settings;
    const wanted = { part, message, offset, length: Math.min(length, budget) };
    const range = await withExchange({ home: context.settings.home, session: source, exchange }, (selected) =>
      readPart(selected, wanted, context),
    );
    const { total, headers, problems } = range;
    const begun = offset === 0 ? 0 : withinCharacter(range.bytes);
    const bytes = range.bytes.subarray(begun);
    const start = offset + begun;
    const answer = (room: number): Answer => {
      const { shown, text, base64 } = shownContent(bytes, headers, room);
      const end = start + shown;
      const nextOffset = end < total ? end : null;
      const rest = nextOffset === null ? "" : ` More from offset ${nextOffset}.`;
      return {
        text: `Bytes ${start} to ${end} of ${total} of ${part}.${rest}${problems.map((each) => ` ${each}.`).join("")}`,
        data: {
          part,
          offset: start,
          length: shown,
          total,
          nextOffset,
          ...(text === undefined ? { base64 } : { text }),
          problems,
        },
        traffic: text ?? base64 ?? "",
      };
    };
    // A range must give something: the first character of a text may take four bytes.
    const room = most(bytes.length, (count) => costOf(answer(count)) <= budget);
    return answer(Math.max(room, Math.min(8, bytes.length)));
  },
});

/** Bytes of a UTF-8 character that begins before them; 0 for what is no text. */
function withinCharacter(bytes: Buffer): number {
  const begun = bytes.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80);
  return begun > 0 && isUtf8(bytes.subarray(begun, characterEnd(bytes))) ? begun : 0;
}

const listMessages = defineTool({
  name: "list_messages",
  title: "Messages of a WebSocket",
  toolset: "query",
  description:
    "The messages of a recorded WebSocket in their order: number, time, direction (send: from the client), kind, size, and the text of each as far as a line has room. read_exchange_part with part 'message' reads a long one. Server-sent events are no messages: they are the response body of their exchange.",
  input: {
    session: SESSION,
    exchange: EXCHANGE,
    limit: z.number().int().min(1).max(500).default(100).describe("Messages of a page; default 100"),
    cursor: CURSOR,
  },
  effects: READS,
  run: async (input, context) => {
    const { session, exchange, limit } = input;
    const offset = startOf("list_messages", input);
    const { withExchange } = await import("../../operations/show.js");
    const { messagePage } = await import("../message-page.js");
    const reference = { home: context.settings.home, session: await sourceOf(session, context), exchange };
    const { rows, total, more } = await withExchange(reference, (selected) =>
      messagePage(selected, offset, limit, context),
    );
    const page = { tool: "list_messages", args: input, rows, offset, more, total };
    return fitted(page, context.settings.budget, (shown, facts) => ({
      text: `Messages of exchange ${exchange} of session ${session}.${restText(facts)}`,
      data: { messages: shown, ...facts },
      traffic: shown
        .map(({ seq, direction, kind, size, text }) => `${seq}  ${direction} ${kind}  ${size} B  ${text}`)
        .join("\n"),
    }));
  },
});

const makeSnippet = defineTool({
  name: "make_snippet",
  title: "A request as a command or as code",
  toolset: "query",
  description:
    "A recorded request as a curl or HTTPie command line, or as JavaScript (fetch) or Python (requests) code that sends it again. Sends nothing. Secrets in it are replaced, so whoever runs it has to put them in; to send it as it was use resend_exchange.",
  input: {
    session: SESSION,
    exchange: EXCHANGE,
    kind: z.enum(["curl", "httpie", "fetch", "python"]).default("curl").describe("Default curl"),
  },
  effects: READS,
  run: async ({ session, exchange, kind }, context) => {
    const { snippet } = await import("../../operations/snippet.js");
    const { withExchange } = await import("../../operations/show.js");
    const reference = { home: context.settings.home, session: await sourceOf(session, context), exchange };
    await withExchange(reference, (selected) => context.safe.learn(selected));
    const { text, warnings } = await snippet({ ...reference, kind });
    const clean = context.safe.text(text);
    return within(
      {
        text: `The request of exchange ${exchange} as ${kind}.${warnings.map((each) => ` Note: ${each}.`).join("")}`,
        data: { kind, code: clean, warnings },
        traffic: clean,
      },
      context.settings.budget,
    );
  },
});

export const QUERY_SHOW_TOOLS: readonly Tool[] = [getExchange, readExchangePart, listMessages, makeSnippet];
