// Looking at one exchange: everything at once, a part by range, a command that sends it again.
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { characterEnd } from "../../operations/har/contents.js";
import { canFit, most } from "../budget.js";
import { EXCHANGE, SESSION, shownSource } from "../choice.js";
import {
  detailsOf,
  EXCHANGE_FACTS,
  MESSAGE,
  type Room,
  shownContent,
  sideData,
  sideText,
} from "../exchange-details.js";
import { PARTS, readPart } from "../exchange-parts.js";
import { COUNT, MAYBE_COUNT, TEXT } from "../output.js";
import { costOf } from "../result.js";
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
  output: {
    ...EXCHANGE_FACTS,
    request: MESSAGE.exactOptional(),
    response: MESSAGE.exactOptional(),
  },
  effects: READS,
  run: async ({ session, exchange, part, bodies }, context) => {
    const { withExchange } = await import("../../operations/show.js");
    const reference = { home: context.settings.home, session: await shownSource(session, context), exchange };
    const sides = part === "all" ? (["request", "response"] as const) : [part];
    const details = await withExchange(reference, (selected) => detailsOf(selected, sides, context));
    const answer = (room: Room) => ({
      text: `Exchange ${details.facts.seq} of session ${session}:`,
      data: {
        ...details.facts,
        ...Object.fromEntries(details.sides.map((side) => [side.side, sideData(side, room)])),
      },
      traffic: [details.line, ...details.sides.map((side) => sideText(side, room))].join("\n\n"),
    });
    const largest = bodies ? Math.max(0, ...details.sides.map(({ content }) => content.bytes.length)) : 0;
    const fields = Math.max(0, ...details.sides.map(({ headers }) => headers.length));
    const { budget } = context.settings;
    if (costOf(answer({ bytes: 0, fields })) > budget) {
      return answer({
        bytes: 0,
        fields: most(fields, (each) => canFit(answer({ bytes: 0, fields: each }), budget)),
      });
    }
    return answer({ bytes: most(largest, (bytes) => costOf(answer({ bytes, fields })) <= budget), fields });
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
  output: {
    part: TEXT,
    offset: COUNT,
    length: COUNT,
    total: COUNT,
    nextOffset: MAYBE_COUNT,
    text: TEXT.exactOptional(),
    base64: TEXT.exactOptional(),
    problems: z.array(TEXT),
  },
  effects: READS,
  run: async ({ session, exchange, part, message, offset, length }, context) => {
    const { withExchange } = await import("../../operations/show.js");
    const source = await shownSource(session, context);
    const { budget } = context.settings;
    const wanted = { part, message, offset, length: Math.min(length, budget) };
    const range = await withExchange({ home: context.settings.home, session: source, exchange }, (selected) =>
      readPart(selected, wanted, context),
    );
    const { total, headers, problems } = range;
    const begun = offset === 0 ? 0 : withinCharacter(range.bytes);
    const bytes = range.bytes.subarray(begun);
    const start = offset + begun;
    const answer = (room: number) => {
      const { shown, ...content } = shownContent(bytes, headers, room);
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
          ...content,
          problems,
        },
        traffic: content.text ?? content.base64 ?? "",
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
  output: { kind: TEXT, code: TEXT, warnings: z.array(TEXT) },
  effects: READS,
  run: async ({ session, exchange, kind }, context) => {
    const { snippet } = await import("../../operations/snippet.js");
    const { withExchange } = await import("../../operations/show.js");
    const reference = { home: context.settings.home, session: await shownSource(session, context), exchange };
    await withExchange(reference, (selected) => context.safe.learn(selected));
    const { text, warnings } = await snippet({ ...reference, kind });
    const clean = context.safe.text(text);
    return {
      text: `The request of exchange ${exchange} as ${kind}.${warnings.map((each) => ` Note: ${each}.`).join("")}`,
      data: { kind, code: clean, warnings },
      traffic: clean,
    };
  },
});

export const QUERY_SHOW_TOOLS: readonly Tool[] = [getExchange, readExchangePart, makeSnippet];
