// The regular expressions of a policy. They are the user's, so each run has a time limit: V8 stops an expression
// that backtracks without end only when it runs in a context with one.
import { createContext, Script } from "node:vm";
import { TrafficError } from "../errors.js";
import type { Scan } from "./scan.js";

interface PolicyPattern {
  readonly name: string;
  readonly match: string;
  readonly ignoreCase: boolean;
}

const TIME_LIMIT_MS = 2000;

/** @throws SyntaxError for an expression that does not parse */
export function compilePatterns(patterns: readonly PolicyPattern[]): (scan: Scan) => void {
  const compiled = patterns.map(({ name, match, ignoreCase }) => {
    const expression = new RegExp(match, ignoreCase ? "dgi" : "dg");
    if (expression.test("")) throw new SyntaxError(`the pattern ${name} matches the empty text`);
    return { name, expression };
  });
  if (compiled.length === 0) return () => {};
  const context = createContext({ text: "", expression: /x/ });
  // Groups first: `password is (\w+)` means the word.
  const script = new Script(
    "Array.from(text.matchAll(expression), (m) => m.indices[1] ?? m.indices[0]).filter(([a, b]) => b > a)",
  );
  return (scan) => {
    for (const { name, expression } of compiled) {
      context.text = scan.text;
      context.expression = expression;
      for (const [start, end] of run(script, context, name)) {
        scan.secret(start, end, `pattern:${name}`, scan.text.slice(start, end));
      }
      context.text = "";
    }
  };
}

function run(script: Script, context: object, name: string): [number, number][] {
  try {
    return script.runInContext(context, { timeout: TIME_LIMIT_MS });
  } catch (error) {
    throw new TrafficError(
      "PATTERN_TOO_SLOW",
      `the redaction pattern ${name} took more than ${TIME_LIMIT_MS / 1000} s on one text`,
      {
        hint: "avoid repetition within repetition, such as (a+)+",
        cause: error,
      },
    );
  }
}
