// A pattern from outside, which must never run for minutes. What a search can cost at most is known from the pattern
// (regex/cost.ts): where it is little for the input at hand it runs as it is (about 20 ns), else under a limit, which
// V8 keeps to a millisecond and which costs 50 microseconds a call (Node 20.20).
import { createContext, Script } from "node:vm";
import { TrafficError } from "../errors.js";
import { Mistake } from "./mistake.js";
import { worstCost } from "./regex/cost.js";
import { emitRegex } from "./regex/emit.js";
import { parseRegex } from "./regex/parse.js";
import { requiredText } from "./regex/required.js";
import { simplifyForSearch } from "./regex/simplify.js";
import type { RegexFlags } from "./regex/syntax.js";

/** Milliseconds that one search may take, in commands. Inside the proxy it should be about 50. */
export const DEFAULT_PATTERN_LIMIT_MS = 1000;
/** Steps of a search that V8 takes in a millisecond at the least, with room to spare. */
const STEPS_PER_MS = 20_000;
/** A factor that a search of any length can bear. */
const FEW_WAYS = 8;
/** See regex/cost.ts. */
const MOST_BRANCHES = 20;
/** An exponential search of this many characters is still short. */
const SHORTEST = 16;

export interface PatternOptions extends RegexFlags {
  /** Searches bytes (strings of characters 0 to 255): the pattern means its own UTF-8. */
  readonly bytes: boolean;
  readonly limitMs: number;
}

export interface Pattern {
  /** @throws TrafficError PATTERN_TOO_SLOW */
  test(input: string): boolean;
}

/** Where a pattern matched: index of the first character and behind the last. */
interface Match {
  readonly start: number;
  readonly end: number;
}

export interface Finder extends Pattern {
  /** The first `most` places, none within another, empty ones left out. @throws TrafficError PATTERN_TOO_SLOW */
  find(input: string, most: number): Match[];
}

/** A pattern that tells where it matched as well. @throws Mistake */
export function compileFinder(text: string, options: PatternOptions): Finder {
  const { test } = compilePattern(text, options);
  const { source, flags } = emitRegex(parseRegex(text, options, options.bytes));
  const expression = createExpression(source, `${flags}g`, text);
  return {
    test,
    find: (input, most) => {
      // Most inputs have none, and finding that out is fast; where one is takes the whole pattern, under the limit.
      if (!test(input)) return [];
      return runWithin(options.limitMs, expression, input, text, most);
    },
  };
}

/** @param text a Python regular expression @throws Mistake */
export function compilePattern(text: string, options: PatternOptions): Pattern {
  const regex = simplifyForSearch(parseRegex(text, options, options.bytes));
  const { power, ways, branches } = worstCost(regex);
  if (branches > MOST_BRANCHES) {
    throw new Mistake("this pattern has too many parts that could take the same text", 0, text.length);
  }
  const { source, flags } = emitRegex(regex);
  const expression = createExpression(source, flags, text);
  if (power === 1 && ways <= FEW_WAYS)
    return { test: (input) => testDirectly(options.limitMs, expression, input, text) };
  const steps = (options.limitMs * STEPS_PER_MS) / ways;
  const shortest = Math.max(SHORTEST, Math.floor(steps ** (1 / power)));
  const required = requiredText(regex);
  return {
    test(input) {
      if (input.length <= shortest) return testDirectly(options.limitMs, expression, input, text);
      if (required !== undefined && !required.test(input)) return false;
      return testWithin(options.limitMs, expression, input, text);
    },
  };
}

function createExpression(source: string, flags: string, text: string): RegExp {
  try {
    const expression = new RegExp(source, flags);
    // V8 compiles at the first search, and only then finds a pattern too large.
    expression.test("");
    return expression;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, "") : String(error);
    throw new Mistake(`this pattern can't be run (${reason})`, 0, text.length);
  }
}

function testDirectly(limitMs: number, expression: RegExp, input: string, text: string): boolean {
  try {
    return expression.test(input);
  } catch (error) {
    throw tooSlow(error, limitMs, input, text);
  }
}

interface Sandbox {
  expression: RegExp;
  input: string;
  /** 0: only whether there is one. */
  most: number;
  places: number[];
}

const SCRIPT = `
if (most === 0) expression.test(input);
else {
  expression.lastIndex = 0;
  for (let match; places.length < 2 * most && (match = expression.exec(input)) !== null; ) {
    if (match[0] === "") expression.lastIndex++;
    else places.push(match.index, expression.lastIndex);
  }
}`;

let limited: { sandbox: Sandbox; context: object; script: Script } | undefined;

function testWithin(limitMs: number, expression: RegExp, input: string, text: string): boolean {
  return inSandbox(limitMs, { expression, input, most: 0, places: [] }, text) === true;
}

function runWithin(limitMs: number, expression: RegExp, input: string, text: string, most: number): Match[] {
  const places: number[] = [];
  inSandbox(limitMs, { expression, input, most, places }, text);
  return Array.from({ length: places.length / 2 }, (_, at) => ({
    start: places[2 * at]!,
    end: places[2 * at + 1]!,
  }));
}

function inSandbox(limitMs: number, values: Sandbox, text: string): unknown {
  if (limited === undefined) {
    const sandbox: Sandbox = { ...values };
    limited = { sandbox, context: createContext(sandbox), script: new Script(SCRIPT) };
  }
  const { sandbox, context, script } = limited;
  Object.assign(sandbox, values);
  try {
    return script.runInContext(context, { timeout: limitMs });
  } catch (error) {
    throw tooSlow(error, limitMs, values.input, text);
  } finally {
    sandbox.input = "";
  }
}

/** V8 throws a RangeError when backtracking needs more memory than it gives. */
function tooSlow(error: unknown, limitMs: number, input: string, text: string): TrafficError {
  // Thrown in a context of its own, it is no Error of ours.
  const timedOut = typeof error === "object" && error !== null && "code" in error;
  const what = timedOut ? `took longer than ${limitMs} ms` : "needs too much memory";
  return new TrafficError(
    "PATTERN_TOO_SLOW",
    `the regular expression ${text} ${what} on ${input.length} characters`,
    {
      hint: "leave no text that two of its repetitions could share: [^,]*, instead of .*, and (a|b)+ instead of (a+|b+)+",
      cause: error,
    },
  );
}
