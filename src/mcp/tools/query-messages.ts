import { z } from "zod";
import { fitted } from "../budget.js";
import { EXCHANGE, SESSION, shownSource } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, PAGE, TEXT } from "../output.js";
import { defineTool, READS, type Tool } from "../tool.js";

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
  output: {
    messages: z.array(
      z.object({ seq: COUNT, time: TEXT, direction: TEXT, kind: TEXT, size: COUNT, text: TEXT }),
    ),
    ...PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const { session, exchange, limit } = input;
    const offset = startOf("list_messages", input);
    const { withExchange } = await import("../../operations/show.js");
    const { messagePage } = await import("../message-page.js");
    const reference = { home: context.settings.home, session: await shownSource(session, context), exchange };
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

export const QUERY_MESSAGE_TOOLS: readonly Tool[] = [listMessages];
