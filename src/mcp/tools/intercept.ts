// Exchanges that a running proxy holds: which, what they are, how they go on.
import { z } from "zod";
import type { ShownHeld } from "../../operations/intercept.js";
import { canFit, fitted, most } from "../budget.js";
import { CURSOR, startOf } from "../cursor.js";
import { BODY, type Room, shownContent } from "../exchange-details.js";
import { HELD, heldLine } from "../held-line.js";
import { restText } from "../list-page.js";
import { COUNT, MAYBE_TEXT, PAGE, TEXT } from "../output.js";
import { costOf } from "../result.js";
import { CHANGES, defineTool, READS, type Tool, type ToolContext } from "../tool.js";
import { RUNNING, referenceOf } from "./capture.js";

export const ID = z.number().int().min(1).describe("Number of the held exchange, from list_held");

const setIntercept = defineTool({
  name: "set_intercept",
  title: "Choose what is held",
  toolset: "intercept",
  description:
    "Holds exchanges that a filter matches, at the request and again at the response, until they are resumed or dropped: their clients wait. null holds nothing more; what is held stays so until resume_all_held. Use it to look at or change single messages; for every message of a kind add_rules is better.",
  input: {
    session: RUNNING,
    filter: z
      .string()
      .min(1)
      .max(4000)
      .nullable()
      .describe("'~d api.example.com & ~m POST'; null turns it off"),
  },
  output: { session: TEXT, filter: MAYBE_TEXT, held: COUNT },
  effects: CHANGES,
  run: async ({ session, filter }, context) => {
    const operation = await import("../../operations/intercept.js");
    const list = await operation.setIntercept({ ...(await referenceOf(session, context)), filter });
    const what =
      list.filter === null
        ? "Nothing more is held"
        : `What ${context.safe.text(list.filter)} matches is held`;
    return {
      text: `${what} by the proxy of session ${list.session}. ${list.held.length} are held now.`,
      data: {
        session: list.session,
        filter: list.filter && context.safe.text(list.filter),
        held: list.held.length,
      },
    };
  },
});

const listHeld = defineTool({
  name: "list_held",
  title: "Held exchanges",
  toolset: "intercept",
  description:
    "The exchanges that a running proxy holds, the oldest first: number, phase, method, URL, since when. Changes nothing.",
  input: { session: RUNNING, cursor: CURSOR },
  output: { session: TEXT, filter: MAYBE_TEXT, exchanges: z.array(HELD), ...PAGE },
  effects: READS,
  run: async (input, context) => {
    const operation = await import("../../operations/intercept.js");
    const { held, filter, session } = await operation.listHeld(await referenceOf(input.session, context));
    const { safe, settings } = context;
    const offset = startOf("list_held", input);
    const rows = held.slice(offset).map((each) => ({ ...each, url: safe.text(each.url) }));
    const page = { tool: "list_held", args: input, rows, offset, more: false, total: held.length };
    return fitted(page, settings.budget, (shown, facts) => ({
      text: `${held.length} exchanges.${restText(facts)}`,
      data: { session, filter: filter && safe.text(filter), exchanges: shown, ...facts },
      traffic: shown.map(heldLine).join("\n"),
    }));
  },
});

const showHeld = defineTool({
  name: "show_held",
  title: "Show a held exchange",
  toolset: "intercept",
  description:
    "The message of a held exchange as it would go on: start line, headers, decoded body as far as there is room, redacted. Changes nothing: it stays held.",
  input: { session: RUNNING, id: ID },
  output: {
    ...HELD.shape,
    httpVersion: TEXT,
    reason: TEXT,
    decided: TEXT,
    session: TEXT,
    headers: z.array(z.array(TEXT)),
    headersLeftOut: COUNT.exactOptional(),
    body: BODY.extend({ note: TEXT.exactOptional() }),
  },
  effects: READS,
  run: async ({ session, id }, context) => {
    const operation = await import("../../operations/intercept.js");
    const shown = await operation.showHeld({ ...(await referenceOf(session, context)), id });
    return heldAnswer(shown, context);
  },
});

function heldAnswer(
  { message, ...held }: ShownHeld & { readonly session: string },
  { safe, settings }: ToolContext,
) {
  const { headers, body, note, ...head } = message;
  const bytes = Buffer.from(body ?? "", "base64");
  const side = held.phase === "request" ? ("request" as const) : ("response" as const);
  const clean = safe.redaction?.content(bytes, { headers, side, url: message.url }) ?? { bytes };
  const all = safe.fields(headers, side, message.url);
  const answer = ({ bytes: room, fields: count }: Room) => {
    const { shown, ...content } = shownContent(clean.bytes, headers, room);
    const fields = all.slice(0, count);
    const further = all.length - fields.length;
    const about = { ...held, ...head, url: safe.text(head.url) };
    const size = { shownBytes: shown, contentBytes: body === null ? null : clean.bytes.length };
    const notes = note === null ? {} : { note };
    return {
      text: `Held exchange ${held.id}, at its ${held.phase}.${shown < clean.bytes.length ? ` ${shown} of ${clean.bytes.length} bytes of the body.` : ""}`,
      data: {
        ...about,
        headers: fields,
        ...(further > 0 ? { headersLeftOut: further } : {}),
        body: { ...content, ...size, ...notes },
      },
      traffic: [
        heldLine(about),
        ...fields.map(([name, value]) => `${name}: ${value}`),
        ...(further > 0 ? [`(${further} more fields)`] : []),
        "",
        content.text ?? content.base64 ?? "",
      ].join("\n"),
    };
  };
  const { budget } = settings;
  const fields = all.length;
  if (costOf(answer({ bytes: 0, fields })) > budget) {
    return answer({
      bytes: 0,
      fields: most(fields, (each) => canFit(answer({ bytes: 0, fields: each }), budget)),
    });
  }
  return answer({
    bytes: most(clean.bytes.length, (bytes) => costOf(answer({ bytes, fields })) <= budget),
    fields,
  });
}

export const INTERCEPT_TOOLS: readonly Tool[] = [setIntercept, listHeld, showHeld];
