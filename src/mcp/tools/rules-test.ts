// Rules tried on a request that goes nowhere.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TrafficError } from "../../errors.js";
import type { TestedRules } from "../../operations/rules/test-rules.js";
import { fitted } from "../budget.js";
import { EXCHANGE, SESSION, sourceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import type { Answer } from "../result.js";
import { RULES, withRuleFile } from "../rule-text.js";
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
  effects: READS,
  run: async (input, context) => {
    const { rules, session, exchange, url, method, headers, body, limit } = input;
    if ((exchange === undefined) === (url === undefined)) {
      throw new TrafficError("BAD_OPTION", "test_rules takes either `exchange` or `url`");
    }
    const offset = startOf("test_rules", input);
    const operation = await import("../../operations/rules/test-rules.js");
    const { home } = context.settings;
    const source = await sourceOf(session, context);
    const tested = await withRuleFile(rules, context, async (file, folder) => {
      if (url === undefined) {
        return await operation.testRules({
          home,
          files: [file],
          on: { session: source, exchange: exchange ?? "" },
        });
      }
      const fields = headers?.map(([name, value]) => `${name}: ${value}`);
      // A body that begins with @ would name a file.
      const content = join(folder, "body");
      if (body !== undefined) await writeFile(content, body, { mode: 0o600 });
      const described = {
        url,
        method,
        headers: fields,
        body: body === undefined ? undefined : `@${content}`,
      };
      return await operation.testRules({ home, files: [file], on: described });
    });
    return testedAnswer(input, tested, offset, limit, context);
  },
});

function testedAnswer(
  args: Readonly<Record<string, unknown>>,
  tested: TestedRules,
  offset: number,
  limit: number,
  { safe, settings }: ToolContext,
): Answer {
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
      data: { ...(typeof data === "object" ? data : {}), ...facts },
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
