// Rules as a client writes them, as the file that the operations take. What they read or where they send is checked first.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { TrafficError } from "../errors.js";
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

/**
 * @param extra further files beside it, by name
 * @returns what the task makes of the path of the file, which is gone then
 * @throws Refusal, and what the task throws
 */
export async function withRuleFile<T>(
  rules: Rules,
  context: ToolContext,
  task: (path: string, folder: string) => Promise<T>,
): Promise<T> {
  const checked = await Promise.all(rules.map((rule) => checkedRule(rule, context)));
  const folder = await mkdtemp(join(tmpdir(), "trafficctl-rules-"));
  const path = join(folder, "rules.json");
  try {
    await writeFile(path, JSON.stringify({ rules: checked }, null, 2), { mode: 0o600 });
    return await task(path, folder);
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint.replaceAll(path, "rules") };
    throw new TrafficError(error.code, error.message.replaceAll(path, "rules"), { ...hint, cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  if (action === "serve-dir" && typeof settings === "string") return await context.roots.readable(settings);
  if (!isObject(settings)) return settings;
  const key = action === "serve-dir" ? "dir" : "file";
  const path = settings[key];
  const own = typeof path === "string" ? { [key]: await context.roots.readable(path) } : {};
  const { body } = settings;
  const inBody =
    isObject(body) && typeof body.file === "string"
      ? { body: { ...body, file: await context.roots.readable(body.file) } }
      : {};
  return { ...settings, ...own, ...inBody };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
