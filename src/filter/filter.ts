// A filter: compiled once, asked for each exchange. The same in every command that selects exchanges.
import type { Condition, Needs } from "./condition.js";
import { invalidFilter } from "./invalid.js";
import { Mistake } from "./mistake.js";
import { OPERATORS } from "./operators.js";
import { parseFilter } from "./parse.js";
import { DEFAULT_PATTERN_LIMIT_MS } from "./pattern.js";
import type { Subject, Verdict } from "./subject.js";
import { type ConditionNode, type FilterNode, printCondition, printFilter } from "./syntax.js";

export interface FilterOptions {
  /** Milliseconds that one search may take; default 1000. Inside the proxy about 50: nothing else runs meanwhile. */
  readonly patternLimitMs?: number;
}

export interface Filter {
  /** Reads as the same filter. */
  readonly text: string;
  /** What it may look at beyond the facts. Conditions on facts come first, so that the rest is often not needed. */
  readonly needs: Needs;
  /** @throws TrafficError PATTERN_TOO_SLOW */
  test(subject: Subject): Verdict;
  /** Why: each condition with its own verdict. @throws TrafficError PATTERN_TOO_SLOW */
  explain(subject: Subject): Explanation;
}

export interface Explanation {
  readonly type: "condition" | "not" | "and" | "or";
  readonly text: string;
  readonly verdict: Verdict;
  /** The value that a condition looked at, shortened. */
  readonly saw?: string;
  readonly parts?: readonly Explanation[];
}

/** @throws TrafficError FILTER_INVALID, with a caret under the place */
export function compileFilter(text: string, options: FilterOptions = {}): Filter {
  return filterOf(compileNode(parseFilter(text), text, options), text);
}

/** @throws Mistake about an argument, which has no place in a text here */
export function compileTree(node: FilterNode, options: FilterOptions = {}): Filter {
  return filterOf(compileNode(node, undefined, options), printFilter(node));
}

/** Holds where all of them do; with none, always. */
export function allOf(filters: readonly Filter[]): Filter {
  if (filters.length === 0) return compileTree({ type: "condition", operator: "all" });
  if (filters.length === 1) return filters[0]!;
  const text = filters.map((filter) => `(${filter.text})`).join(" & ");
  return filterOf(joined("and", filters, text), text);
}

interface Compiled {
  readonly needs: Needs;
  readonly test: (subject: Subject) => Verdict;
  readonly explain: (subject: Subject) => Explanation;
}

function filterOf({ needs, test, explain }: Compiled, text: string): Filter {
  return { text, needs, test, explain };
}

function compileNode(node: FilterNode, text: string | undefined, options: FilterOptions): Compiled {
  switch (node.type) {
    case "condition":
      return compileCondition(node, text, options);
    case "not":
      return negated(compileNode(node.part, text, options), printFilter(node));
    case "and":
    case "or":
      return joined(
        node.type,
        node.parts.map((part) => compileNode(part, text, options)),
        printFilter(node),
      );
  }
}

function compileCondition(node: ConditionNode, text: string | undefined, options: FilterOptions): Compiled {
  const condition = conditionOf(node, text, options);
  const printed = printCondition(node);
  return {
    needs: { ...NOTHING, ...condition.needs },
    test: condition.test,
    explain(subject) {
      const saw = condition.saw(subject);
      const verdict = condition.test(subject);
      return { type: "condition", text: printed, verdict, ...(saw === undefined ? {} : { saw }) };
    },
  };
}

function conditionOf(node: ConditionNode, text: string | undefined, options: FilterOptions): Condition {
  const { operator, argument = "", offsets } = node;
  try {
    const { patternLimitMs = DEFAULT_PATTERN_LIMIT_MS } = options;
    return OPERATORS.get(operator)!.compile(argument, { patternLimitMs });
  } catch (error) {
    if (!(error instanceof Mistake) || text === undefined || offsets === undefined) throw error;
    const [start, end] = [offsets[error.start]!, offsets[error.end]!];
    throw invalidFilter(text, error.message, { start, end }, error.hint);
  }
}

function negated(part: Compiled, text: string): Compiled {
  const { test } = part;
  return {
    needs: part.needs,
    test(subject) {
      const verdict = test(subject);
      return verdict === undefined ? undefined : !verdict;
    },
    explain(subject) {
      const inner = part.explain(subject);
      const verdict = inner.verdict === undefined ? undefined : !inner.verdict;
      return { type: "not", text, verdict, parts: [inner] };
    },
  };
}

/** Kleene's `and` and `or`: one part that decides is enough, whatever is not known of the others. */
function joined(type: "and" | "or", parts: readonly Compiled[], text: string): Compiled {
  const decisive = type === "or";
  const tests = [...parts].sort((a, b) => weight(a.needs) - weight(b.needs)).map(({ test }) => test);
  return {
    needs: parts.reduce((needs, part) => merged(needs, part.needs), NOTHING),
    test(subject) {
      let verdict: Verdict = !decisive;
      for (let i = 0; i < tests.length; i++) {
        const each = tests[i]!(subject);
        if (each === decisive) return decisive;
        if (each === undefined) verdict = undefined;
      }
      return verdict;
    },
    explain(subject) {
      const explained = parts.map((part) => part.explain(subject));
      return { type, text, verdict: kleene(decisive, explained), parts: explained };
    },
  };
}

function kleene(decisive: boolean, parts: readonly Explanation[]): Verdict {
  if (parts.some(({ verdict }) => verdict === decisive)) return decisive;
  return parts.some(({ verdict }) => verdict === undefined) ? undefined : !decisive;
}

const NOTHING: Needs = { headers: false, requestContent: false, responseContent: false, messages: false };

function merged(a: Needs, b: Needs): Needs {
  return {
    headers: a.headers || b.headers,
    requestContent: a.requestContent || b.requestContent,
    responseContent: a.responseContent || b.responseContent,
    messages: a.messages || b.messages,
  };
}

/** Facts are at hand, headers come with a line, bodies may be in files. */
function weight({ headers, requestContent, responseContent, messages }: Needs): number {
  return Number(headers) + 2 * (Number(requestContent) + Number(responseContent) + Number(messages));
}
