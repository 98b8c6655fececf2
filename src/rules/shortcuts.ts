// The everyday rules as flags of `record`: each text becomes the data of a rule.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { TrafficError } from "../errors.js";
import { compileRules } from "./compile.js";
import { filesBeside } from "./load.js";
import type { RuleInput } from "./schema.js";
import type { Path, Problem } from "./scope.js";
import { mapLocal, mapRemote } from "./shortcut-maps.js";
import { matchOf } from "./shortcut-match.js";
import { type RuleSet, ruleSetOf } from "./types.js";

/** Texts of the flags, in their order. */
export interface Shortcuts {
  /** `[METHOD,METHOD ]URL=STATUS[ BODY]`; a BODY of `@file` is read from there. */
  readonly mock?: readonly string[];
  /** `[request |response ]Name: value`. */
  readonly setHeader?: readonly string[];
  /** `[request |response ]Name`. */
  readonly removeHeader?: readonly string[];
  /** `URL=URL`. */
  readonly mapRemote?: readonly string[];
  /** `URL=FOLDER or FILE`. */
  readonly mapLocal?: readonly string[];
  /** `[URL or filter=]DURATION`. */
  readonly delay?: readonly string[];
  /** `URL or filter[=STATUS]`; in place of a status, `reset` and `timeout` say how there is no answer. */
  readonly block?: readonly string[];
}

type Made = Omit<RuleInput, "name">;
type Reader = (text: string, folder: string) => Made | Promise<Made>;

/** Blocking comes first, then what changes, then what decides. Flags come before the rules of files. */
const FLAGS: readonly {
  readonly flag: string;
  readonly key: keyof Shortcuts;
  readonly priority: number;
  readonly read: Reader;
}[] = [
  { flag: "--block", key: "block", priority: 50, read: block },
  { flag: "--delay", key: "delay", priority: 60, read: delay },
  { flag: "--set-header", key: "setHeader", priority: 60, read: setHeader },
  { flag: "--remove-header", key: "removeHeader", priority: 60, read: removeHeader },
  { flag: "--map-remote", key: "mapRemote", priority: 70, read: mapRemote },
  { flag: "--mock", key: "mock", priority: 80, read: mock },
  { flag: "--map-local", key: "mapLocal", priority: 80, read: mapLocalIn },
];

/** @param folder that files are relative to @throws TrafficError BAD_OPTION, naming the flag */
export async function compileShortcuts(shortcuts: Shortcuts, folder: string): Promise<RuleSet> {
  const rules: RuleInput[] = [];
  const origins: { readonly flag: string; readonly text: string }[] = [];
  for (const { flag, key, priority, read } of FLAGS) {
    for (const text of shortcuts[key] ?? []) {
      const made = await read(text, folder);
      rules.push({ priority, ...made, name: `${flag} ${withoutValues(key, text)}`.slice(0, 100) });
      origins.push({ flag, text });
    }
  }
  const files = new Set<string>();
  const problems: Problem[] = [];
  const compiled = await compileRules(
    { rules: uniquelyNamed(rules) },
    {
      files: filesBeside(folder, files),
      placeOf: () => undefined,
      report: (problem) => problems.push(problem),
    },
  );
  const [problem] = problems;
  if (problem !== undefined) {
    const origin = origins[ruleIndex(problem.path)]!;
    // Here files are looked for where the command runs.
    throw bad(origin.flag, origin.text, problem.message, problem.hint?.replace("the rule file", folder));
  }
  return ruleSetOf(compiled, [...files]);
}

/** Names stand in every exchange that their rule acts on: no values, bodies and passwords. */
function withoutValues(key: keyof Shortcuts, text: string): string {
  if (key === "setHeader") return text.replace(/:.*$/s, "");
  const plain = text.replace(/:\/\/[^/?#=\s]*@/g, "://");
  return key === "mock" ? plain.replace(/(=\s*\d{3})\s.*$/s, "$1") : plain;
}

/** Texts may be alike, or begin alike where they are long. */
function uniquelyNamed(rules: readonly RuleInput[]): readonly RuleInput[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const count = (seen.get(rule.name) ?? 0) + 1;
    seen.set(rule.name, count);
    return count === 1 ? rule : { ...rule, name: `${rule.name.slice(0, 90)} (${count})` };
  });
}

function ruleIndex(path: Path): number {
  return Number(path[1] ?? 0);
}

function bad(flag: string, text: string, problem: string, hint?: string): TrafficError {
  return new TrafficError("BAD_OPTION", `${flag} ${text}: ${problem}`, hint === undefined ? {} : { hint });
}

function mock(text: string): Made {
  const match = /^(?:(\*|[A-Za-z]+(?:[,|][A-Za-z]+)*)\s+)?([~!(].*?|\S+?)\s*=\s*(\d{3})(?:\s+(.*))?$/s.exec(
    text,
  );
  if (match === null) {
    throw bad("--mock", text, "this is no answer to a request", "write 'GET /api/x=200 @file.json'");
  }
  const [, method, target = "", status, body = ""] = match;
  return {
    match: {
      ...matchOf("--mock", text, target),
      ...(method === undefined || method === "*" ? {} : { method: method.split(/[,|]/) }),
    },
    actions: { respond: { status: Number(status), ...bodyOf(text, body.trim()) } },
  };
}

function bodyOf(text: string, body: string): object {
  if (body === "") return {};
  if (body.startsWith("@@")) return { text: body.slice(1), template: false };
  if (body.startsWith("@")) return { file: body.slice(1) };
  if (!/^[[{]/.test(body)) return { text: body };
  const json = jsonOf(text, body);
  // As it was typed: 1.0 stays 1.0.
  return body.includes("{{")
    ? { json }
    : { headers: { "Content-Type": "application/json" }, text: body, template: false };
}

function jsonOf(text: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw bad("--mock", text, `the body is no JSON: ${reason}`, "put it into a file: @file.json");
  }
}

function setHeader(text: string): Made {
  const match = /^(?:(request|response)\s+)?([^:\s]+):\s*(.*)$/is.exec(text);
  if (match === null || /^(?:request|response)$/i.test(match[2] ?? ""))
    throw bad(
      "--set-header",
      text,
      "this is no header field",
      "write 'Name: value', or 'response Name: value'",
    );
  const [, side = "request", name = "", value = ""] = match;
  return { actions: { [`set-${side.toLowerCase()}`]: { headers: { set: { [name]: value } } } } };
}

function removeHeader(text: string): Made {
  const match = /^(?:(request|response)\s+)?([^:\s]+):?$/i.exec(text.trim());
  if (match === null) throw bad("--remove-header", text, "this is no name of a header field", "write 'Name'");
  const [, side = "request", name = ""] = match;
  return { actions: { [`set-${side.toLowerCase()}`]: { headers: { remove: [name] } } } };
}

function delay(text: string): Made {
  const equals = text.lastIndexOf("=");
  const duration = text.slice(equals + 1).trim();
  const actions = { delay: duration };
  return equals === -1 ? { actions } : { match: matchOf("--delay", text, text.slice(0, equals)), actions };
}

function block(text: string): Made {
  const match = /^(.*?)(?:=([2-5]\d\d|close|reset|timeout))?$/s.exec(text);
  const [, target = text, how = "close"] = match ?? [];
  return {
    match: matchOf("--block", text, target),
    actions: /^\d/.test(how) ? { respond: { status: Number(how) } } : { abort: how },
  };
}

async function mapLocalIn(text: string, folder: string): Promise<Made> {
  return await mapLocal(text, async (name) => {
    const stats = await stat(resolve(folder, name)).catch(() => undefined);
    return stats === undefined ? undefined : stats.isDirectory() ? "folder" : "file";
  });
}
