// Which exchanges a rule is for: a filter, or a structured match whose every part must hold.
import { z } from "zod";
import { compileFilter, type Explanation } from "../filter/filter.js";
import type { Verdict } from "../filter/subject.js";
import { filterPart } from "./match-filter.js";
import { compileParts } from "./match-parts.js";
import { SEARCH_LIMIT_MS } from "./regex.js";
import type { Scope } from "./scope.js";
import { allHold, type SharedTests } from "./shared-tests.js";
import type { RuleSubject } from "./subject.js";
import { compileUrlPattern, type UrlPattern } from "./url-pattern.js";

const text = z.string().min(1);
const EXPECTED = "the value, a `/regular expression/`, true for any value, or null for none";
const expectation = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const structured = z.strictObject({
  filter: text.optional().describe("A filter, which must hold as well."),
  method: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe("A method, or a list of them, in any case."),
  url: text
    .optional()
    .describe(
      "A glob for the whole URL (without its query, unless the glob has a `?`), or a `/regular expression/`.",
    ),
  host: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe("A glob for the host name, or a list of them."),
  path: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe("A glob for the path, or a list of them."),
  query: z.record(z.string(), expectation).optional().describe(`Parameters of the URL by name: ${EXPECTED}.`),
  headers: z
    .record(z.string(), expectation)
    .optional()
    .describe(`Header fields of the request by name: ${EXPECTED}.`),
  json: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Values of the request's JSON body by JSON pointer; a text may be a `/regular expression/`."),
});

export const matchSchema = z.union([text, structured]);
export type StructuredMatch = z.output<typeof structured>;

/** One thing that is looked at; the parts of a filter are filters again. */
export type Check = Explanation;

export interface Part {
  readonly needsRequestContent: boolean;
  readonly needsResponseContent: boolean;
  /** Whether it can hold before there is a response. */
  readonly early: boolean;
  test(subject: RuleSubject): Verdict;
  explain(subject: RuleSubject): Check;
}

export interface Matcher {
  readonly text: string;
  readonly needsRequestContent: boolean;
  readonly needsResponseContent: boolean;
  readonly early: boolean;
  /** @throws TrafficError PATTERN_TOO_SLOW */
  test(subject: RuleSubject): Verdict;
  /** @throws TrafficError PATTERN_TOO_SLOW */
  explain(subject: RuleSubject): readonly Check[];
  readonly url: UrlPattern | undefined;
}

/** @param shared tests of the rules that are compiled together */
export function compileMatch(
  match: z.output<typeof matchSchema>,
  scope: Scope,
  shared: SharedTests,
): Matcher {
  if (typeof match === "string") {
    const part = compileFilterPart(match, scope, shared);
    return matcherOf(match, part === undefined ? [] : [part], undefined);
  }
  if (Object.values(match).every((part) => part === undefined)) {
    scope.report("a match that asks for nothing matches nothing", "leave match out to match everything");
  }
  const { filter } = match;
  const url =
    match.url === undefined ? undefined : scope.at("url").attempt(() => compileUrlPattern(match.url ?? ""));
  const filterPart = filter === undefined ? undefined : compileFilterPart(filter, scope.at("filter"), shared);
  const parts = [
    ...compileParts(match, url, scope, shared),
    ...(filterPart === undefined ? [] : [filterPart]),
  ];
  return matcherOf(JSON.stringify(match), parts, url);
}

export function matchEverything(): Matcher {
  return matcherOf("everything", [], undefined);
}

function compileFilterPart(filter: string, scope: Scope, shared: SharedTests): Part | undefined {
  return scope.attempt(() =>
    filterPart(compileFilter(filter, { patternLimitMs: SEARCH_LIMIT_MS }), shared, SEARCH_LIMIT_MS),
  );
}

function matcherOf(description: string, parts: readonly Part[], url: UrlPattern | undefined): Matcher {
  return {
    text: description,
    url,
    needsRequestContent: parts.some((part) => part.needsRequestContent),
    needsResponseContent: parts.some((part) => part.needsResponseContent),
    early: parts.every((part) => part.early),
    test: allHold(parts.map(({ test }) => test)),
    explain: (subject) => parts.map((part) => part.explain(subject)),
  };
}
