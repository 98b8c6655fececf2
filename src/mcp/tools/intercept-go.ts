// How held exchanges go on: changed, as they are, or not at all.
import { z } from "zod";
import type { HeldEdit, HeldSummary } from "../../operations/intercept.js";
import { HELD, heldLine } from "../held-line.js";
import { COUNT, type DataOf } from "../output.js";
import type { Answer } from "../result.js";
import { assertOwnOrigin, assertSendable } from "../send-gate.js";
import { CHANGES, DESTROYS, defineTool, type Tool, type ToolContext } from "../tool.js";
import { RUNNING, referenceOf } from "./capture.js";
import { ID } from "./intercept.js";
import { bytesOf } from "./replay-values.js";

const RESUMED = { count: COUNT, exchanges: z.array(HELD) };

const editHeld = defineTool({
  name: "edit_held",
  title: "Change a held exchange and let it go on",
  toolset: "intercept",
  description:
    "Changes the message of a held exchange (a request: method, URL, headers, body; a response: status, reason, headers, body) and lets it go on. What is not named stays byte for byte; `headers` takes the place of all headers, and `setHeaders` and `removeHeaders` of single ones. Placeholders like REDACTED-1 are no values. To another origin, or with an unsafe method in place of a safe one, only with --allow-send.",
  input: {
    session: RUNNING,
    id: ID,
    method: z.string().min(1).max(100).exactOptional().describe("Of a request"),
    url: z.string().min(1).max(100_000).exactOptional().describe("Of a request"),
    status: z.number().int().min(200).max(599).exactOptional().describe("Of a response"),
    reason: z.string().max(1000).exactOptional().describe("Of a response"),
    setHeaders: z
      .array(z.tuple([z.string().min(1), z.string()]))
      .max(200)
      .exactOptional()
      .describe("[name, value] pairs"),
    removeHeaders: z.array(z.string().min(1)).max(200).exactOptional().describe("Names"),
    body: z.string().max(10_000_000).exactOptional().describe("The decoded body as text"),
    bodyBase64: z.string().max(10_000_000).exactOptional().describe("The decoded body as base64"),
  },
  output: RESUMED,
  effects: { ...DESTROYS, openWorldHint: true },
  run: async ({ session, id, setHeaders, removeHeaders, body, bodyBase64, ...edit }, context) => {
    const operation = await import("../../operations/intercept.js");
    const reference = { ...(await referenceOf(session, context)), id };
    const { message } = await operation.showHeld(reference);
    if (edit.url !== undefined) assertOwnOrigin(message.url, edit.url, context);
    if (edit.method !== undefined && edit.method !== message.method) {
      await assertSendable([{ method: edit.method, url: message.url }], context);
    }
    const headers = editedHeaders(message.headers, setHeaders, removeHeaders);
    const bytes = bytesOf({
      ...(body === undefined ? {} : { body }),
      ...(bodyBase64 === undefined ? {} : { bodyBase64 }),
    });
    const whole: HeldEdit = {
      ...edit,
      ...(headers === undefined ? {} : { headers }),
      ...(bytes === undefined ? {} : { body: bytes.toString("base64") }),
    };
    return resumed([await operation.resumeHeld({ ...reference, edit: whole })], "went on, changed", context);
  },
});

function editedHeaders(
  headers: readonly (readonly [string, string])[],
  set: readonly (readonly [string, string])[] | undefined,
  remove: readonly string[] | undefined,
): [string, string][] | undefined {
  if (set === undefined && remove === undefined) return undefined;
  const gone = new Set(
    [...(remove ?? []), ...(set ?? []).map(([name]) => name)].map((name) => name.toLowerCase()),
  );
  const kept = headers.filter(([name]) => !gone.has(name.toLowerCase()));
  return [...kept, ...(set ?? [])].map(([name, value]) => [name, value]);
}

const resumeHeld = defineTool({
  name: "resume_held",
  title: "Let a held exchange go on",
  toolset: "intercept",
  description: "Lets one held exchange go on as it is, as its rules have left it.",
  input: { session: RUNNING, id: ID },
  output: RESUMED,
  effects: { ...CHANGES, idempotentHint: false, openWorldHint: true },
  run: async ({ session, id }, context) => {
    const operation = await import("../../operations/intercept.js");
    const held = await operation.resumeHeld({ ...(await referenceOf(session, context)), id });
    return resumed([held], "went on", context);
  },
});

const resumeAllHeld = defineTool({
  name: "resume_all_held",
  title: "Let all held exchanges go on",
  toolset: "intercept",
  description:
    "Lets everything that a running proxy holds go on as it is. Those that were held at the request are held once more at the response, where they matched when they began, even if set_intercept has turned it off since.",
  input: { session: RUNNING },
  output: RESUMED,
  effects: { ...CHANGES, openWorldHint: true },
  run: async ({ session }, context) => {
    const operation = await import("../../operations/intercept.js");
    const { resumed: all } = await operation.resumeAllHeld(await referenceOf(session, context));
    return resumed(all, "went on", context);
  },
});

const dropHeld = defineTool({
  name: "drop_held",
  title: "Drop a held exchange",
  toolset: "intercept",
  description: "Ends one held exchange: its client's connection is closed without an answer.",
  input: { session: RUNNING, id: ID },
  output: RESUMED,
  effects: { ...DESTROYS },
  run: async ({ session, id }, context) => {
    const operation = await import("../../operations/intercept.js");
    const held = await operation.dropHeld({ ...(await referenceOf(session, context)), id });
    return resumed([held], "was dropped", context);
  },
});

function resumed(
  all: readonly HeldSummary[],
  what: string,
  { safe }: ToolContext,
): Answer<DataOf<typeof RESUMED>> {
  const rows = all.map((held) => ({ ...held, url: safe.text(held.url) }));
  const lines = rows.map(heldLine);
  return {
    text: `${all.length === 1 ? "The exchange" : `${all.length} exchanges`} ${what}.`,
    data: { count: all.length, exchanges: rows.slice(0, 50) },
    traffic: lines.slice(0, 50).join("\n"),
  };
}

export const INTERCEPT_GO_TOOLS: readonly Tool[] = [editHeld, resumeHeld, resumeAllHeld, dropHeld];
