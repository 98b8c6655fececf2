// What a filter of a rule requires of a request's head.
import { OPERATORS } from "../filter/operators.js";
import { compilePattern } from "../filter/pattern.js";
import type { ConditionNode, FilterNode } from "../filter/syntax.js";
import { inUrl, textsOfRegex } from "./required-texts.js";
import { oneOf, type Requirement, type Trace } from "./requirement.js";

/** @param tree of a filter that compiles */
export function filterRequirements(tree: FilterNode, limitMs: number): readonly Requirement[] {
  switch (tree.type) {
    case "condition":
      return conditionRequirements(tree, limitMs);
    case "and":
      return tree.parts.flatMap((part) => filterRequirements(part, limitMs));
    case "or":
      return oneOf(tree.parts.map((part) => filterRequirements(part, limitMs)));
    case "not":
      return [];
  }
}

/** With and without case. */
function conditionRequirements(
  { operator, argument = "" }: ConditionNode,
  limitMs: number,
): readonly Requirement[] {
  switch (operator) {
    case "m":
    case "mc": {
      const ignoreCase = OPERATORS.get(operator)?.caseSensitive !== true;
      const options = { ignoreCase, multiline: false, dotAll: false, bytes: true, limitMs };
      return [{ method: compilePattern(argument, options).test }];
    }
    case "u":
    case "uc":
      return textsOfRegex(inUrl, argument, false);
    case "d":
    case "dc":
      return textsOfRegex((text) => ({ place: "host", text }), argument, false);
    case "hq":
    case "hqc":
      return textsOfRegex(inHeaderLine, argument, true);
    case "tq":
    case "tqc": {
      const inType = (text: string): Trace => ({ place: "field", name: "content-type", text });
      return [{ anyOf: [inType("")] }, ...textsOfRegex(inType, argument, true)];
    }
    default:
      return [];
  }
}

/** Of a text that goes from a field's name into its value. One that does not can be anywhere. */
function inHeaderLine(text: string): Trace | undefined {
  const parts = /([\w-]+)(: [^\r]*)/.exec(text);
  return parts === null ? undefined : { place: "line", name: parts[1]!, text: parts[2]! };
}
