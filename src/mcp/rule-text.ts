// Rules as a client writes them, as the text that the operations take. What they read or where they send is checked first.
import { z } from "zod";
import type { RuleText } from "../operations/rules/running-rules.js";
import { Refusal } from "./refusal.js";
import type { ToolContext } from "./tool.js";

export const RULES = z
  .array(z.record(z.string(), z.json()))
  .min(1)
  .max(500)
  .describe(
    'Rules as objects: {"name": "no orders", "match": "~m GET & ~u /orders", "actions": {"respond": {"status": 503, "json": {"error": "down"}}}}. match: a filter, or {method, url, host, path, query, headers, json}. actions: respond, serve-dir, rewrite, set-request, set-response, message, delay, throttle, abort, pass, pause, tag, skip-recording, redact. Also priority (default 100, lower first), enabled, times, probability. Files by paths inside the roots',
  );
export type Rules = z.output<typeof RULES>;

/** @returns the rules as operations take them, the paths in them whole. @throws Refusal, FILE_NOT_FOUND */
export async function ruleTextOf(rules: Rules, context: ToolContext): Promise<RuleText> {
  const checked = await Promise.all(rules.map((rule) => checkedRule(rule, context)));
  return {
    text: JSON.stringify({ rules: checked }, null, 2),
    folder: context.settings.home,
    name: "rules",
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

async function checkedRule(rule: JsonObject, context: ToolContext): Promise<JsonObject> {
  const { actions } = rule;
  if (Array.isArray(actions)) {
    return { ...rule, actions: await Promise.all(actions.map((each) => checkedActions(each, context))) };
  }
  return { ...rule, actions: await checkedActions(actions, context) };
}

/** By name; a bare name is one that has no settings. */
async function checkedActions(actions: unknown, context: ToolContext): Promise<unknown> {
  if (!isObject(actions)) return actions;
  const checked: Record<string, unknown> = {};
  for (const [name, settings] of Object.entries(actions)) {
    if (name === "rewrite" && !context.settings.allowSend) {
      throw new Refusal(
        "a rule that rewrites sends the clients' requests, with their secrets, to another place",
        "the user can allow it with `trafficctl mcp --allow-send`; respond, set-request and set-response need no flag",
      );
    }
    checked[name] = await withRealPaths(name, settings, context);
  }
  return checked;
}

/** The places where settings name a file or a folder. */
async function withRealPaths(action: string, settings: unknown, context: ToolContext): Promise<unknown> {
  const { roots } = context;
  if (action === "serve-dir" && typeof settings === "string") return await roots.servable(settings);
  if (!isObject(settings)) return settings;
  const { dir, file } = settings;
  const own = {
    ...(typeof dir === "string" ? { dir: await roots.servable(dir) } : {}),
    ...(typeof file === "string" ? { file: await roots.readable(file) } : {}),
  };
  const { body } = settings;
  const inBody =
    isObject(body) && typeof body.file === "string"
      ? { body: { ...body, file: await roots.readable(body.file) } }
      : {};
  return { ...settings, ...own, ...inBody };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
