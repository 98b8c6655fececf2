// A request of one's own, a copy, two recordings beside each other, and the rest of a result that did not fit.
import { z } from "zod";
import type { EndpointDifference } from "../../operations/diff.js";
import { fitted } from "../budget.js";
import { EXCHANGE, FILTER, SESSION, shownSource } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, MAYBE_COUNT, OBJECT, PAGE, TEXT } from "../output.js";
import { assertSendable } from "../send-gate.js";
import { ADDS, defineTool, READS, type Tool } from "../tool.js";
import { BODY, bytesOf, INTO, TIMEOUT, tlsOf, UPSTREAM_CA } from "./replay-values.js";

const sendRequest = defineTool({
  name: "send_request",
  title: "Send a request",
  toolset: "replay",
  description:
    "Sends one request that you write and records it with its response in a new session. To try out an API; to send something that was recorded use resend_exchange, which has its secrets. Redirects are not followed. Without --allow-send only GET, HEAD, OPTIONS and TRACE to origins that were recorded before; the answer says so when it refuses.",
  input: {
    url: z.string().min(1).max(100_000).describe("https://api.example.com/users?page=2"),
    method: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/)
      .exactOptional()
      .describe("Default GET, with a body POST"),
    headers: z
      .array(z.tuple([z.string().min(1).max(1000), z.string().max(100_000)]))
      .max(200)
      .exactOptional()
      .describe("[name, value] pairs"),
    ...BODY,
    bodyType: z
      .string()
      .max(300)
      .exactOptional()
      .describe("Content-Type of the body, where no header says it"),
    timeoutSeconds: TIMEOUT,
    upstreamCa: UPSTREAM_CA,
    into: INTO,
  },
  output: {
    session: TEXT,
    id: TEXT,
    status: MAYBE_COUNT,
    error: z.object({ code: TEXT, message: TEXT }).exactOptional().describe("Why no response came"),
  },
  effects: { ...ADDS, destructiveHint: true, openWorldHint: true },
  run: async (
    { url, method, headers, body, bodyBase64, bodyType, timeoutSeconds, upstreamCa, into },
    context,
  ) => {
    const bytes = bytesOf({
      ...(body === undefined ? {} : { body }),
      ...(bodyBase64 === undefined ? {} : { bodyBase64 }),
    });
    const planned = method ?? (bytes === undefined ? "GET" : "POST");
    await assertSendable([{ method: planned, url }], context);
    const { send } = await import("../../operations/send.js");
    const sent = await send({
      home: context.settings.home,
      url,
      method: planned,
      headers,
      body: bytes === undefined ? undefined : { size: bytes.length, open: () => [bytes] },
      bodyType,
      timeoutMs: timeoutSeconds * 1000,
      tls: await tlsOf(upstreamCa, context),
      into,
      signal: context.signal,
    });
    const { session, id, status } = sent;
    const error = sent.error === null ? {} : { error: context.safe.deep(sent.error) };
    const came =
      status === null
        ? `No response: ${context.safe.text(sent.error?.message ?? "none came")}.`
        : `Status ${status}.`;
    return {
      text: `${came} Recorded in session ${session.id} as ${id}: get_exchange shows it.`,
      data: { session: session.id, id, status, ...error },
      traffic: "",
    };
  },
});

const duplicateExchange = defineTool({
  name: "duplicate_exchange",
  title: "Copy an exchange",
  toolset: "replay",
  description:
    "Copies one exchange, with an id of its own, into a new session, without sending anything. The session it is from stays as it is.",
  input: { session: SESSION, exchange: EXCHANGE, into: INTO },
  output: { session: TEXT, id: TEXT, copyOf: TEXT },
  effects: ADDS,
  run: async ({ session, exchange, into }, context) => {
    const { duplicate } = await import("../../operations/duplicate.js");
    const source = await shownSource(session, context);
    const copy = await duplicate({ home: context.settings.home, session: source, exchange, into });
    const { id } = copy.session;
    return {
      text: `Copied into session ${id} as ${copy.id}.`,
      data: { session: id, id: copy.id, copyOf: copy.copyOf },
    };
  },
});

const compareSessions = defineTool({
  name: "compare_sessions",
  title: "Compare two sessions",
  toolset: "replay",
  description:
    "Sets two recordings of the same API side by side, endpoint by endpoint (ids in paths are folded): new and gone endpoints, changed statuses, changed shapes of JSON bodies, medians of durations. Use it for before and after a change; for single requests use resend_exchange with compare. Changes nothing.",
  input: {
    before: SESSION,
    after: SESSION,
    filter: FILTER,
    ignoreHost: z
      .boolean()
      .default(false)
      .describe("Endpoints of different hosts are the same where their paths are"),
    includeSame: z.boolean().default(false).describe("Give endpoints that did not change as well"),
    limit: z.number().int().min(1).max(500).default(100).describe("Endpoints of a page; default 100"),
    cursor: CURSOR,
  },
  output: {
    counts: z.object({ new: COUNT, gone: COUNT, changed: COUNT, same: COUNT }),
    endpoints: z.array(
      z.object({
        method: TEXT,
        endpoint: TEXT,
        change: TEXT,
        before: OBJECT.nullable(),
        after: OBJECT.nullable(),
        statuses: OBJECT,
        shapes: z.array(OBJECT),
        slower: z.number().nullable(),
      }),
    ),
    ...PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const offset = startOf("compare_sessions", input);
    const { diff } = await import("../../operations/diff.js");
    const result = await diff({
      home: context.settings.home,
      before: await shownSource(input.before, context),
      after: await shownSource(input.after, context),
      filter: input.filter,
      ignoreHost: input.ignoreHost,
      signal: context.signal,
    });
    const chosen = result.endpoints.filter(({ change }) => input.includeSame || change !== "same");
    const rows = chosen.slice(offset, offset + input.limit);
    const more = offset + rows.length < chosen.length;
    const counts = countsOf(result.endpoints);
    const page = { tool: "compare_sessions", args: input, rows, offset, more, total: chosen.length };
    return fitted(page, context.settings.budget, (shown, facts) => ({
      text: `${input.before} and ${input.after}: ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(", ")}.${restText(facts)}`,
      data: { counts, endpoints: context.safe.deep(shown), ...facts },
      traffic: context.safe.text(shown.map(lineOf).join("\n")),
    }));
  },
});

function countsOf(endpoints: readonly EndpointDifference[]): Record<EndpointDifference["change"], number> {
  const counts = { new: 0, gone: 0, changed: 0, same: 0 };
  for (const { change } of endpoints) counts[change]++;
  return counts;
}

function lineOf({ change, method, endpoint, statuses, shapes, slower }: EndpointDifference): string {
  const notes = [
    ...statuses.new.map((status) => `new status ${status}`),
    ...statuses.gone.map((status) => `no status ${status} any more`),
    ...shapes.map(
      ({ status, differences, further }) =>
        `${differences.length + further} differences in the JSON of ${status}`,
    ),
    ...(slower === null ? [] : [`${Math.round(slower * 100)} % slower`]),
  ];
  return `${change}  ${method} ${endpoint}${notes.length === 0 ? "" : `  ${notes.join(", ")}`}`;
}

export const REPLAY_MORE_TOOLS: readonly Tool[] = [sendRequest, duplicateExchange, compareSessions];
