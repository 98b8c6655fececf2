// A text that is in whatever a pattern matches: looking for it first is cheap, and mostly the end of the matter.
import { emitRegex } from "./emit.js";
import type { Regex, RegexNode } from "./syntax.js";

const SHORTEST = 3;

/** @returns an expression for the longest such text; undefined where none is worth looking for. */
export function requiredText(regex: Regex): RegExp | undefined {
  const items = regex.root.type === "sequence" ? regex.root.items : [regex.root];
  let longest: RegexNode[] = [];
  let run: RegexNode[] = [];
  for (const item of items) {
    if (item.type === "char") run.push(item);
    else run = [];
    if (run.length > longest.length) longest = [...run];
  }
  if (longest.length < SHORTEST) return undefined;
  const { source, flags } = emitRegex({ ...regex, root: { type: "sequence", items: longest } });
  return new RegExp(source, flags);
}
