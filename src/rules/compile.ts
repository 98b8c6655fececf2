// Rules from data: every mistake in all of them is reported, with its path; only a set without any is used.

import { valueAt } from "../content/json-pointer.js";
import type { ActionName } from "./acting.js";
import { ACTION_NAMES, ACTIONS, isActionName } from "./actions.js";
import { problemsOf } from "./issues.js";
import { knownNames } from "./known-names.js";
import { compileMatch, type Matcher, matchEverything } from "./match.js";
import { type RuleData, ruleFileSchema, ruleSchema } from "./schema.js";
import { createScope, type Files, type Path, type Problem, type Scope } from "./scope.js";
import { SharedTests } from "./shared-tests.js";
import type { Place, Rule, RuleAction } from "./types.js";

export interface CompileContext {
  readonly files: Files;
  placeOf(path: Path): Place | undefined;
  /** A number, true or false as it is written; undefined for anything else, and where nothing is written. */
  writtenAt?(path: Path): string | undefined;
  report(problem: Problem): void;
}

/** @param data of a rule file. What is wrong is reported; rules with mistakes are left out. */
export async function compileRules(data: unknown, context: CompileContext): Promise<readonly Rule[]> {
  const list = rulesOf(data, context);
  const names = new Map<string, number>();
  const rules: Rule[] = [];
  const shared = new SharedTests();
  for (const [index, value] of list.entries()) {
    const path = ["rules", index];
    for (const lost of lostNames(value, path)) {
      context.report({ path: lost, message: "__proto__ can't be a name here", atKey: true });
    }
    const parsed = ruleSchema.safeParse(value, { reportInput: true });
    if (!parsed.success) {
      for (const problem of problemsOf(parsed.error.issues, knownNames, path)) context.report(problem);
      continue;
    }
    const before = names.get(parsed.data.name);
    if (before !== undefined) {
      const place = context.placeOf(["rules", before, "name"]);
      context.report({
        path: [...path, "name"],
        message: `a second rule '${parsed.data.name}'`,
        hint: place === undefined ? undefined : `the first one is in line ${place.line}`,
      });
    }
    names.set(parsed.data.name, before ?? index);
    rules.push(await compileRule(parsed.data, value, path, context, shared));
  }
  return rules;
}

function rulesOf(data: unknown, { report }: CompileContext): readonly unknown[] {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    report({
      path: [],
      message: "a rule file is a map with a list of rules",
      hint: "begin it with `rules:`",
    });
    return [];
  }
  const rules = "rules" in data ? data.rules : undefined;
  // The rules themselves are checked one by one.
  const shell = ruleFileSchema.safeParse(
    { ...data, ...(Array.isArray(rules) ? { rules: [] } : {}) },
    { reportInput: true },
  );
  if (!shell.success) {
    for (const problem of problemsOf(shell.error.issues, knownNames)) report(problem);
  }
  return Array.isArray(rules) ? rules : [];
}

/** @param raw the same as it was written: zod puts the names into the order of the schema */
async function compileRule(
  data: RuleData,
  raw: unknown,
  path: Path,
  context: CompileContext,
  shared: SharedTests,
): Promise<Rule> {
  const scopeOf = (at: Path, matcher?: Matcher): Scope =>
    createScope(
      at,
      {
        files: context.files,
        captures: matcher?.url?.captures,
        captureCount: matcher?.url?.captureCount ?? 0,
        writtenAt: (place) => context.writtenAt?.(place),
      },
      context.report,
    );
  const matcher =
    data.match === undefined
      ? matchEverything()
      : compileMatch(data.match, scopeOf([...path, "match"]), shared);
  const actions = await compileActions(
    listOf(data.actions, valueAt(raw, ["actions"])),
    (at) => scopeOf([...path, "actions", ...at], matcher),
    matcher,
  );
  return {
    name: data.name,
    priority: data.priority,
    enabled: data.enabled,
    times: data.times,
    probability: data.probability,
    matcher,
    actions,
    terminal: actions.some(({ terminal }) => terminal),
    needsRequestBody: matcher.needsRequestContent || actions.some((action) => action.needsRequestBody),
    needsResponseBody: matcher.needsResponseContent || actions.some((action) => action.needsResponseBody),
    place: context.placeOf(path),
    text: JSON.stringify({ ...data, enabled: undefined }),
  };
}

/** zod leaves this name out of records without a word: a match would hold for everything. JSON values keep it. */
function lostNames(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    if (key === "__proto__") return [[...path, key]];
    if (key === "json" || key === "edit-json") return [];
    return lostNames(each, [...path, Array.isArray(value) ? Number(key) : key]);
  });
}

type Listed = readonly [name: ActionName, settings: unknown, path: Path];

async function compileActions(
  listed: readonly Listed[],
  scopeAt: (path: Path) => Scope,
  matcher: Matcher,
): Promise<readonly RuleAction[]> {
  if (listed.length === 0)
    scopeAt([]).report("a rule needs an action", `actions: ${ACTION_NAMES.join(", ")}`);
  const compiled: RuleAction[] = [];
  for (const [name, settings, path] of listed) {
    const type = ACTIONS[name];
    const scope = scopeAt(path);
    const other = compiled.find(({ terminal }) => terminal);
    if (type.terminal && other !== undefined) {
      scope.reportName(
        `${name} never happens: ${other.name} decides the exchange already`,
        "leave one of them out",
      );
    }
    const acting = await type.compile(settings, scope);
    if (acting.request !== undefined && acting.response === undefined && !matcher.early) {
      scope.reportName(
        `${name} comes too late: the match asks about the response, and the request has gone by then`,
        "match by what the request has, or use set-response, delay, tag or respond",
      );
    }
    compiled.push({ ...acting, name, terminal: type.terminal });
  }
  // What decides the exchange comes last, wherever it was written.
  return [...compiled.filter(({ terminal }) => !terminal), ...compiled.filter(({ terminal }) => terminal)];
}

function listOf(actions: RuleData["actions"], raw: unknown): readonly Listed[] {
  const entries = (map: object, written: unknown, path: Path): Listed[] => {
    const order = Object.keys(typeof written === "object" && written !== null ? written : {});
    return Object.entries(map)
      .flatMap(([name, settings]): Listed[] =>
        isActionName(name) && settings !== undefined ? [[name, settings, [...path, name]]] : [],
      )
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  };
  if (!Array.isArray(actions)) return entries(actions, raw, []);
  return actions.flatMap((action, index): Listed[] => {
    if (typeof action !== "string") return entries(action, valueAt(raw, [String(index)]), [index]);
    return isActionName(action) ? [[action, ACTIONS[action].bare, [index]]] : [];
  });
}
