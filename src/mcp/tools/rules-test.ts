// Rules tried on a request that goes nowhere.
import { z } from "zod";
import { TrafficError } from "../../errors.js";
import type { TestedRules } from "../../operations/rules/test-rules.js";
import { fitted } from "../budget.js";
import { EXCHANGE, SESSION, shownSource } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { FLAG, MAYBE_TEXT, OBJECT, PAGE, TEXT } from "../output.js";
import { RULES, ruleTextOf } from "../rule-text.js";
import { defineTool, READS, type Tool, type ToolContext } from "../tool.js";

const testRules = defineTool({
  name: "test_rules",
  title: "Try rules on a request",
  toolset: "rules",
  description:
    "Tells what rules would do to one request, which goes nowhere: each rule with each of its checks and the value that it saw, which match, which are eligible, which one decides, what goes on and what the client gets, and which rule missed most narrowly. Takes a recorded exchange, or a request that you describe. Disabled rules are told too. The proxy's own evaluator does it.",
  input: {
    rules: RULES,
    session: SESSION,
    exchange: EXCHANGE.exactOptional().describe(
      "A recorded exchange of `session`; else the request is described by url",
    ),
    url: z.string().max(100_000).exactOptional().describe("URL of the request"),
    method: z.string().max(100).exactOptional().describe("Default GET, with a body POST"),
    headers: z
      .array(z.tuple([z.string().min(1), z.string()]))
      .max(200)
      .exactOptional()
      .describe("[name, value] pairs"),
    body: z.string().max(10_000_000).exactOptional().describe("Body of the request"),
    limit: z.number().int().min(1).max(500).default(50).describe("Rules of a page; default 50"),
    cursor: CURSOR,
  },
  output: {
    request: z.object({ method: TEXT, url: TEXT }),
    acting: z.array(TEXT),
    winner: MAYBE_TEXT,
    nearestMiss: OBJECT.nullable(),
    effect: OBJECT.describe("What goes on to the server, and what the client gets"),
    rules: z.array(
      z.object({ name: TEXT, outcome: TEXT, eligible: FLAG, does: z.array(TEXT), checks: z.array(OBJECT) }),
    ),
    ...PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const { rules, session, exchange, url, limit } = input;
    if ((exchange === undefined) === (url === undefined)) {
      throw new TrafficError("BAD_OPTION", "test_rules takes either `exchange` or `url`");
    }
    const offset = startOf("test_rules", input);
    const operation = await import("../../operations/rules/test-rules.js");
    const { home } = context.settings;
    const source = exchange === undefined ? "" : await shownSource(session, context);
    const tested = await operation.testRules({
      home,
      files: await ruleTextOf(rules, context),
      on: url === undefined ? { session: source, exchange: exchange ?? "" } : described(url, input),
    });
    return testedAnswer(input, tested, offset, limit, context);
  },
});

function described(
  url: string,
  { method, headers, body }: { method?: string; headers?: [string, string][]; body?: string },
) {
  return {
    url,
    method,
    headers: headers?.map(([name, value]) => `${name}: ${value}`),
    body: body === undefined ? undefined : Buffer.from(body),
  };
}

function testedAnswer(
  args: Readonly<Record<string, unknown>>,
  tested: TestedRules,
  offset: number,
  limit: number,
  { safe, settings }: ToolContext,
) {
  const { request, rules: all, acting, winner, nearestMiss, effect } = tested;
  const reports = all.map(({ place: _place, ...report }) => report);
  const rows = reports.slice(offset, offset + limit);
  const more = offset + rows.length < reports.length;
  const page = { tool: "test_rules", args, rows, offset, more, total: reports.length };
  const decides = winner === undefined ? "No rule decides it" : `'${winner}' decides it`;
  return fitted(page, settings.budget, (shown, facts) => {
    const data = safe.deep({
      request,
      acting,
      winner: winner ?? null,
      nearestMiss: nearestMiss ?? null,
      effect: effectOf(effect),
      rules: shown,
    });
    return {
      text: `${decides}; ${acting.length === 0 ? "none acts" : `these act: ${acting.join(", ")}`}.${restText(facts)}`,
      data: { ...data, ...facts },
      traffic: safe.text(
        shown.map(({ name, outcome, does }) => `${outcome}  ${name}: ${does.join("; ")}`).join("\n"),
      ),
    };
  });
}

/** Bodies as text, with their size. */
function effectOf({ request, response, ...effect }: TestedRules["effect"]): Record<string, unknown> {
  return { ...effect, request: plain(request), response: plain(response) };
}

function plain(message: object | undefined): unknown {
  if (message === undefined) return null;
  return Object.fromEntries(
    Object.entries(message).map(([name, value]: [string, unknown]) => [
      name,
      Buffer.isBuffer(value)
        ? { bytes: value.length, text: value.subarray(0, 4000).toString("utf8") }
        : value,
    ]),
  );
}

export const RULE_TEST_TOOLS: readonly Tool[] = [testRules];
