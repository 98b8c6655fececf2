// Regular expressions of rules: Python's, as in filters, with groups and replacing, and never without a bound. Where the
// worst cost of a search (filter/regex/cost.ts) is little it runs as it is, else under a limit that V8 keeps.
import { createContext, Script } from "node:vm";
import { TrafficError } from "../errors.js";
import { Mistake } from "../filter/mistake.js";
import { compilePattern } from "../filter/pattern.js";
import { worstCost } from "../filter/regex/cost.js";
import { emitRegex } from "../filter/regex/emit.js";
import { parseRegex } from "../filter/regex/parse.js";
import type { RegexNode } from "../filter/regex/syntax.js";
import { checkReplacing, replacementText, type Substitution, Tally } from "./substitution.js";

/** Milliseconds that one search or replacing may take. Nothing else runs in the proxy meanwhile. */
export const SEARCH_LIMIT_MS = 50;
/** A factor that a search of any length can bear. */
const FEW_WAYS = 8;
/** Steps of a search that V8 takes in a millisecond at the least, with room to spare. */
const STEPS_PER_MS = 20_000;
/** An exponential search of this many characters is still short. */
const SHORTEST = 16;

export interface Regex {
  /** Without slashes and flags. */
  readonly source: string;
  /** How many groups it has. */
  readonly groups: number;
  /** @throws TrafficError PATTERN_TOO_SLOW */
  test(input: string): boolean;
  /** The whole match and each group ("" where it took no part); undefined: no match. @throws PATTERN_TOO_SLOW */
  match(input: string): readonly string[] | undefined;
  /** Replaces every match. @throws PATTERN_TOO_SLOW */
  replace(input: string, substitution: Substitution): string;
}

const LITERAL = /^\/(.+)\/([ims]*)$/s;

/** Whether a text is meant as a regular expression. */
export function isRegex(text: string): boolean {
  return LITERAL.test(text);
}

/** Of `/pattern/ims`; undefined for any other text, which is meant as it is. @throws Mistake with places in `text` */
export function compileRegexLiteral(text: string): Regex | undefined {
  const match = LITERAL.exec(text);
  if (match === null) return undefined;
  try {
    return compileRegex(match[1]!, match[2]!);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    throw new Mistake(error.message, error.start + 1, error.end + 1, error.hint);
  }
}

/** @throws Mistake with places in `source` */
function compileRegex(source: string, flags = ""): Regex {
  const options = {
    ignoreCase: flags.includes("i"),
    multiline: flags.includes("m"),
    dotAll: flags.includes("s"),
  };
  const parsed = parseRegex(source, options, false);
  const indices = groupsOf(parsed.root);
  const emitted = emitRegex({ ...parsed, referenced: new Set(indices) });
  const expression = createExpression(emitted.source, emitted.flags, source);
  const cost = worstCost(parsed);
  const isCheap = cost.power === 1 && cost.ways <= FEW_WAYS;
  const shortest = Math.max(SHORTEST, ((SEARCH_LIMIT_MS * STEPS_PER_MS) / cost.ways) ** (1 / cost.power));
  const read = (found: RegExpExecArray): string[] => [
    found[0],
    ...indices.map((index) => found.groups?.[`g${index}`] ?? ""),
  ];
  const named = `the regular expression ${source}`;
  return {
    source,
    groups: indices.length,
    test: compilePattern(source, { ...options, bytes: false, limitMs: SEARCH_LIMIT_MS }).test,
    match(input) {
      const found =
        isCheap || input.length <= shortest
          ? once(expression).exec(input)
          : (runWithin("exec", expression, input, source, undefined) as RegExpExecArray | null);
      return found === null ? undefined : read(found);
    },
    replace(input, substitution) {
      if (isCheap || input.length <= shortest) {
        checkReplacing(named, input, substitution, (most) => counted(expression, input, most));
        return input.replace(once(expression), replacementText(substitution));
      }
      const tally = new Tally(named);
      const each: Substitute = (...parts) => {
        const match = [String(parts[0]), ...groupsIn(parts.at(-1), indices)];
        const text = substitution.map((piece) => (typeof piece === "string" ? piece : match[piece])).join("");
        tally.add(1, text.length);
        return text;
      };
      return runWithin("replace", once(expression), input, source, each) as string;
    },
  };
}

/** @param named what V8 gives for groups with names */
function groupsIn(named: Parameters<Substitute>[number], indices: readonly number[]): string[] {
  const groups = typeof named === "object" ? named : {};
  return indices.map((index) => groups[`g${index}`] ?? "");
}

function counted(expression: RegExp, input: string, most: number): number {
  let count = 0;
  let last = -1;
  once(expression);
  for (; count < most && expression.test(input); count++) {
    // Where nothing was taken the next search would find the same.
    if (expression.lastIndex === last) expression.lastIndex++;
    last = expression.lastIndex;
  }
  return count;
}

type Substitute = (...parts: (string | number | Record<string, string | undefined> | undefined)[]) => string;

/** The expression is global, for replacing: a search starts where the last one ended unless it is told not to. */
function once(expression: RegExp): RegExp {
  expression.lastIndex = 0;
  return expression;
}

function groupsOf(node: RegexNode): number[] {
  const own = node.type === "group" && node.index !== undefined ? [node.index] : [];
  const inner =
    node.type === "sequence"
      ? node.items
      : node.type === "either"
        ? node.options
        : "node" in node
          ? [node.node]
          : [];
  return [...own, ...inner.flatMap(groupsOf)].sort((a, b) => a - b);
}

function createExpression(source: string, flags: string, text: string): RegExp {
  try {
    const expression = new RegExp(source, `${flags}g`);
    // V8 compiles at the first search, and only then finds a pattern too large.
    expression.test("");
    expression.lastIndex = 0;
    return expression;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, "") : String(error);
    throw new Mistake(`this pattern can't be run (${reason})`, 0, text.length);
  }
}

interface Sandbox {
  expression: RegExp;
  input: string;
  substitute: Substitute | undefined;
}

let limited: { sandbox: Sandbox; context: object; scripts: Record<"exec" | "replace", Script> } | undefined;

function runWithin(
  code: "exec" | "replace",
  expression: RegExp,
  input: string,
  source: string,
  substitute: Substitute | undefined,
): unknown {
  if (limited === undefined) {
    const sandbox: Sandbox = { expression, input, substitute };
    const scripts = {
      exec: new Script("expression.lastIndex = 0; expression.exec(input)"),
      replace: new Script("input.replace(expression, substitute)"),
    };
    limited = { sandbox, context: createContext(sandbox), scripts };
  }
  const { sandbox, context, scripts } = limited;
  Object.assign(sandbox, { expression, input, substitute });
  try {
    return scripts[code].runInContext(context, { timeout: SEARCH_LIMIT_MS });
  } catch (error) {
    if (error instanceof TrafficError) throw error;
    throw new TrafficError(
      "PATTERN_TOO_SLOW",
      `the regular expression ${source} took longer than ${SEARCH_LIMIT_MS} ms on ${input.length} characters`,
      {
        hint: "leave no text that two of its repetitions could share: [^,]*, instead of .*, and (a|b)+ instead of (a+|b+)+",
        cause: error,
      },
    );
  } finally {
    Object.assign(sandbox, { input: "", substitute: undefined });
  }
}
