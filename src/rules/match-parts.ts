// The parts of a structured match, cheapest first.
import { isDeepStrictEqual } from "node:util";
import { valueAt } from "../content/json-pointer.js";
import { headerValues } from "../exchange/headers.js";
import type { Verdict } from "../filter/subject.js";
import { pointerSteps } from "./edit-body.js";
import { compileGlob } from "./glob.js";
import type { Part, StructuredMatch } from "./match.js";
import { compileRegexLiteral, isRegex } from "./regex.js";
import { inUrl, textsOfGlobs, textsOfUrlPattern } from "./required-texts.js";
import type { Requirement } from "./requirement.js";
import type { Scope } from "./scope.js";
import { checkFieldName } from "./settings.js";
import { requiring, type SharedTests } from "./shared-tests.js";
import type { RuleSubject } from "./subject.js";
import type { UrlPattern } from "./url-pattern.js";
import { fieldTexts, parameterTexts, type Wanted } from "./wanted-values.js";

export function compileParts(
  match: StructuredMatch,
  url: UrlPattern | undefined,
  scope: Scope,
  shared: SharedTests,
): readonly Part[] {
  return [
    ...(match.method === undefined ? [] : [methodPart([match.method].flat(), shared)]),
    ...(match.host === undefined ? [] : [hostPart([match.host].flat(), scope.at("host"), shared)]),
    ...(match.path === undefined ? [] : [pathPart([match.path].flat(), scope.at("path"), shared)]),
    ...(url === undefined ? [] : [urlPart(url, shared)]),
    ...Object.entries(match.query ?? {}).map(([name, given]) => {
      const here = scope.at("query", name);
      const wanted = asWritten(given, here);
      return valuesPart(
        `query ${name}`,
        wanted,
        ({ query }) => query.filter((each) => each.name === name).map(({ value }) => value),
        parameterTexts(name, wanted),
        here,
      );
    }),
    ...Object.entries(match.headers ?? {}).map(([name, given]) => {
      const here = scope.at("headers", name);
      const wanted = asWritten(given, here);
      checkFieldName(name, here);
      return valuesPart(
        `header ${name}`,
        wanted,
        ({ requestHeaders }) => headerValues(requestHeaders, name),
        fieldTexts(name, wanted),
        here,
      );
    }),
    ...Object.entries(match.json ?? {}).map(([pointer, wanted]) =>
      jsonPart(pointer, wanted, scope.at("json", pointer)),
    ),
  ];
}

/** `1.0` is not `1`. */
function asWritten(wanted: Wanted, scope: Scope): Wanted {
  return typeof wanted === "number" ? (scope.written() ?? wanted) : wanted;
}

/** @param wanted any of these */
function part(
  name: string,
  wanted: readonly string[],
  read: (subject: RuleSubject) => string,
  holds: (value: string) => boolean,
  requirements: readonly Requirement[],
  shared: SharedTests,
): Part {
  return {
    needsRequestContent: false,
    needsResponseContent: false,
    early: true,
    test: shared.share(JSON.stringify([name, wanted]), () =>
      requiring((subject) => holds(read(subject)), requirements),
    ),
    explain(subject) {
      const saw = read(subject);
      const text = `${name} ${wanted.join(" or ")}`;
      return { type: "condition", text, verdict: holds(saw), saw: shortened(saw) };
    },
  };
}

function methodPart(methods: readonly string[], shared: SharedTests): Part {
  const wanted = new Set(methods.map((method) => method.toUpperCase()));
  const holds = (method: string): boolean => wanted.has(method.toUpperCase());
  return part("method", methods, ({ facts }) => facts.method, holds, [{ method: holds }], shared);
}

function urlPart(url: UrlPattern, shared: SharedTests): Part {
  const read = url.withQuery
    ? ({ facts }: RuleSubject) => facts.url
    : (subject: RuleSubject) => subject.bareUrl;
  return part("url", [url.text], read, url.test, textsOfUrlPattern(url.text), shared);
}

function hostPart(hosts: readonly string[], scope: Scope, shared: SharedTests): Part {
  for (const host of hosts) {
    if (/[/?#]|:\/\/|:\d+$/.test(host) && !host.startsWith("["))
      scope.report(`'${host}' is more than a host name`, "use url for a whole URL, path for a path");
  }
  const bare = hosts.map((host) => host.replace(/^\[(.*)\]$/, "$1").toLowerCase());
  const requirements = textsOfGlobs((text) => ({ place: "host", text }), bare);
  const globs = bare.map((host) => compileGlob(host));
  const [only] = globs;
  const holds = globs.length === 1 ? only!.test : (host: string) => globs.some((glob) => glob.test(host));
  return part("host", hosts, (subject) => subject.host, holds, requirements, shared);
}

function pathPart(paths: readonly string[], scope: Scope, shared: SharedTests): Part {
  for (const path of paths) {
    if (!/^[/*]/.test(path)) scope.report(`the path '${path}' does not begin with a slash`, `write /${path}`);
    if (/[?#]/.test(path)) scope.report(`'${path}' is more than a path`, "use query for parameters");
  }
  const globs = paths.map((path) => compileGlob(path));
  const [only] = globs;
  const holds = globs.length === 1 ? only!.test : (path: string) => globs.some((glob) => glob.test(path));
  return part("path", paths, (subject) => subject.path, holds, textsOfGlobs(inUrl, paths), shared);
}

/** Holds where one of the values does. */
function valuesPart(
  name: string,
  wanted: Wanted,
  read: (subject: RuleSubject) => readonly string[],
  requirements: readonly Requirement[],
  scope: Scope,
): Part {
  const holds = expectation(wanted, scope);
  const text = `${name} ${wanted === true ? "is there" : wanted === null || wanted === false ? "is not there" : `is ${wanted}`}`;
  return {
    needsRequestContent: false,
    needsResponseContent: false,
    early: true,
    test: requiring((subject) => holds(read(subject)), requirements),
    explain(subject) {
      const values = read(subject);
      const saw = values.length === 0 ? "none" : shortened(values.join(", "));
      return { type: "condition", text, verdict: holds(values), saw };
    },
  };
}

function expectation(wanted: Wanted, scope: Scope): (values: readonly string[]) => boolean {
  if (wanted === true) return (values) => values.length > 0;
  if (wanted === null || wanted === false) return (values) => values.length === 0;
  const holds = textTest(String(wanted), scope);
  return (values) => values.some(holds);
}

function textTest(wanted: string, scope: Scope): (text: string) => boolean {
  if (!isRegex(wanted)) return (text) => text === wanted;
  const regex = scope.attempt(() => compileRegexLiteral(wanted));
  return (text) => regex?.test(text) ?? false;
}

function jsonPart(pointer: string, wanted: unknown, scope: Scope): Part {
  const steps = pointerSteps(pointer, scope);
  const pattern = typeof wanted === "string" && isRegex(wanted);
  const matches = pattern ? textTest(wanted, scope) : undefined;
  const holds = (value: unknown): boolean =>
    matches === undefined
      ? isDeepStrictEqual(value, wanted)
      : (typeof value === "string" || typeof value === "number") && matches(String(value));
  const test = (subject: RuleSubject): Verdict =>
    subject.requestContent === undefined ? undefined : holds(valueAt(subject.json, steps));
  return {
    needsRequestContent: true,
    needsResponseContent: false,
    early: true,
    test,
    explain(subject) {
      const value = subject.requestContent === undefined ? undefined : valueAt(subject.json, steps);
      const saw = subject.requestContent === undefined ? "not known" : (JSON.stringify(value) ?? "none");
      const text = `json ${pointer} is ${typeof wanted === "string" ? wanted : JSON.stringify(wanted)}`;
      return { type: "condition", text, verdict: test(subject), saw: shortened(saw) };
    },
  };
}

const LONGEST_SHOWN = 100;

function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)`;
}
