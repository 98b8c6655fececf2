// A filter as a tree, and the text of a tree.
import { OPERATORS } from "./operators.js";

export type FilterNode =
  | { readonly type: "and" | "or"; readonly parts: readonly FilterNode[] }
  | { readonly type: "not"; readonly part: FilterNode }
  | ConditionNode;

export interface ConditionNode {
  readonly type: "condition";
  /** Its name without `~`. */
  readonly operator: string;
  readonly argument?: string;
  /** Where each character of the argument is in the text, and where it ends; absent for one not read from a text. */
  readonly offsets?: readonly number[];
}

/** @returns text that reads as the same tree. */
export function printFilter(node: FilterNode): string {
  switch (node.type) {
    case "condition":
      return printCondition(node);
    case "not":
      return `!${isComposite(node.part) ? `(${printFilter(node.part)})` : printFilter(node.part)}`;
    case "and":
      return node.parts
        .map((part) => (isComposite(part) ? `(${printFilter(part)})` : printFilter(part)))
        .join(" & ");
    case "or":
      return node.parts
        .map((part) => (part.type === "or" ? `(${printFilter(part)})` : printFilter(part)))
        .join(" | ");
  }
}

export function printCondition({ operator, argument }: ConditionNode): string {
  if (argument === undefined) return `~${operator}`;
  const words = OPERATORS.get(operator)?.argument?.kind === "regex" ? /^[^()~'"\s]+$/ : /^[^()~'"\s&|!]+$/;
  return `~${operator} ${words.test(argument) ? argument : quote(argument)}`;
}

function isComposite({ type }: FilterNode): boolean {
  return type === "and" || type === "or";
}

const ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

function quote(text: string): string {
  return `"${text.replace(/[\\"\t\n\f\r]/g, (character) => ESCAPES[character] ?? `\\${character}`)}"`;
}
