// Exchanges that a running proxy holds: which, what they are, how they go on.
import { z } from "zod";
import type { HeldSummary, ShownHeld } from "../../operations/intercept.js";
import { fitted, most, within } from "../budget.js";
import { CURSOR, startOf } from "../cursor.js";
import { shownContent } from "../exchange-details.js";
import { heldLine } from "../held-line.js";
import { restText } from "../list-page.js";
import { type Answer, costOf } from "../result.js";
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
  effects: CHANGES,
  run: async ({ session, filter }, context) => {
    const operation = await import("../../operations/intercept.js");
    const list = await operation.setIntercept({ ...(await referenceOf(session, context)), filter });
    const what = list.filter === null ? "Nothing more is held" : `What ${list.filter} matches is held`;
    return {
      text: `${what} by the proxy of session ${list.session}. ${list.held.length} are held now.`,
      data: { session: list.session, filter: list.filter, held: list.held.length },
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
  effects: READS,
  run: async (input, context) => {
    const operation = await import("../../operations/intercept.js");
    const { held, filter, session } = await operation.listHeld(await referenceOf(input.session, context));
    return heldPage("list_held", input, held, { session, filter }, context);
  },
});

function heldPage(
  tool: string,
  args: Readonly<Record<string, unknown>> & { readonly cursor?: string },
  held: readonly HeldSummary[],
  about: Readonly<Record<string, unknown>>,
  { safe, settings }: ToolContext,
): Answer {
  const offset = startOf(tool, args);
  const rows = held.slice(offset).map((each) => ({ ...each, url: safe.text(each.url) }));
  const page = { tool, args, rows, offset, more: false, total: held.length };
  return fitted(page, settings.budget, (shown, facts) => ({
    text: `${held.length} exchanges.${restText(facts)}`,
    data: { ...about, exchanges: shown, ...facts },
    traffic: shown.map(heldLine).join("\n"),
  }));
}

const showHeld = defineTool({
  name: "show_held",
  title: "Show a held exchange",
  toolset: "intercept",
  description:
    "The message of a held exchange as it would go on: start line, headers, decoded body as far as there is room, redacted. Changes nothing: it stays held.",
  input: { session: RUNNING, id: ID },
  effects: READS,
  run: async ({ session, id }, context) => {
    const operation = await import("../../operations/intercept.js");
    const shown = await operation.showHeld({ ...(await referenceOf(session, context)), id });
    return heldAnswer(shown, context);
  },
});

function heldAnswer({ message, ...held }: ShownHeld, { safe, settings }: ToolContext): Answer {
  const { headers, body, note, ...head } = message;
  const bytes = Buffer.from(body ?? "", "base64");
  const side = held.phase === "request" ? ("request" as const) : ("response" as const);
  const clean = safe.redaction?.content(bytes, { headers, side, url: message.url }) ?? { bytes };
  const fields = safe.fields(headers, side, message.url);
  const answer = (room: number): Answer => {
    const { shown, ...content } = shownContent(clean.bytes, headers, room);
    const about = { ...held, ...head, url: safe.text(head.url) };
    const size = { shownBytes: shown, contentBytes: body === null ? null : clean.bytes.length };
    const notes = note === null ? {} : { note };
    return {
      text: `Held exchange ${held.id}, at its ${held.phase}.${shown < clean.bytes.length ? ` ${shown} of ${clean.bytes.length} bytes of the body.` : ""}`,
      data: { ...about, headers: fields, body: { ...content, ...size, ...notes } },
      traffic: [
        heldLine(about),
        ...fields.map(([name, value]) => `${name}: ${value}`),
        "",
        content.text ?? content.base64 ?? "",
      ].join("\n"),
    };
  };
  const room = most(clean.bytes.length, (count) => costOf(answer(count)) <= settings.budget);
  return within(answer(room), settings.budget);
}

export const INTERCEPT_TOOLS: readonly Tool[] = [setIntercept, listHeld, showHeld];
