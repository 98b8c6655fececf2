// The plain texts that whatever a pattern matches has in it.
import { Mistake } from "../filter/mistake.js";
import { parseRegex } from "../filter/regex/parse.js";
import type { RegexNode } from "../filter/regex/syntax.js";
import { isRegex } from "./regex.js";
import { oneOf, type Requirement, type Trace } from "./requirement.js";

/** What a text of ASCII says; undefined: nothing. */
type TraceOf = (text: string) => Trace | undefined;

const NO_FLAGS = { ignoreCase: false, multiline: false, dotAll: false };

/** @param source a pattern that compiles @param bytes whether it is one over bytes */
export function textsOfRegex(traceOf: TraceOf, source: string, bytes: boolean): readonly Requirement[] {
  return textsOfNode(traceOf, parseRegex(source, NO_FLAGS, bytes).root);
}

/** Of a `/regular expression/`. */
export function textsOfRegexLiteral(traceOf: TraceOf, literal: string): readonly Requirement[] {
  try {
    return textsOfRegex(traceOf, literal.slice(1, literal.lastIndexOf("/")), false);
  } catch (error) {
    // Whoever compiles it says what is wrong.
    if (error instanceof Mistake) return [];
    throw error;
  }
}

/** Of a text that is there as it is. */
export function textsOf(traceOf: TraceOf, text: string): readonly Requirement[] {
  return required(traceOf, text.split(BEYOND_ASCII));
}

/** Of globs of which one matches. */
export function textsOfGlobs(traceOf: TraceOf, globs: readonly string[]): readonly Requirement[] {
  return oneOf(globs.map((glob) => required(traceOf, glob.split(STARS_AND_BEYOND_ASCII))));
}

/** Of a pattern for URLs (url-pattern.ts). The scheme is left out: it tells little, and has more than one name. */
export function textsOfUrlPattern(text: string): readonly Requirement[] {
  return isRegex(text)
    ? textsOfRegexLiteral(inUrl, text)
    : textsOfGlobs(inUrl, [text.replace(/^[a-z]+/i, "")]);
}

export const inUrl: TraceOf = (text) => ({ place: "url", text });

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
const BEYOND_ASCII = /[^\x00-\x7f]+/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
const STARS_AND_BEYOND_ASCII = /(?:\*|[^\x00-\x7f])+/;

function required(traceOf: TraceOf, texts: readonly string[]): readonly Requirement[] {
  return texts.flatMap((text) => {
    const trace = text === "" ? undefined : traceOf(text);
    return trace === undefined ? [] : { anyOf: [trace] };
  });
}

function textsOfNode(traceOf: TraceOf, node: RegexNode): readonly Requirement[] {
  const runs: string[] = [""];
  const inside: Requirement[] = [];
  for (const item of node.type === "sequence" ? node.items : [node]) {
    // What takes no text leaves the texts around it together.
    if (item.type === "assertion" || item.type === "look") continue;
    if (item.type === "char" && item.code <= 0x7f) {
      runs[runs.length - 1] += String.fromCharCode(item.code);
      continue;
    }
    runs.push("");
    inside.push(...textsOfPart(traceOf, item));
  }
  return [...required(traceOf, runs), ...inside];
}

function textsOfPart(traceOf: TraceOf, node: RegexNode): readonly Requirement[] {
  switch (node.type) {
    case "group":
    case "atomic":
      return textsOfNode(traceOf, node.node);
    case "repeat":
      return node.min > 0 ? textsOfNode(traceOf, node.node) : [];
    case "either":
      return oneOf(node.options.map((option) => textsOfNode(traceOf, option)));
    default:
      return [];
  }
}
