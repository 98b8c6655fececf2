// What is wrong with the YAML or JSON of a rule file, in words for people: most of it are signs that YAML gives a meaning.
import { type Document, isCollection, isNode, isPair, visit } from "yaml";

export interface NotationFault {
  readonly offset: number;
  readonly message: string;
  readonly hint: string | undefined;
}

export const IN_QUOTES =
  "put quotes around a text that begins with * & ! @ % ` { or [, or has ': ' or ' #' in it";

/** By the parser's codes; where none is here, its own words do. */
const HINTS: Readonly<Record<string, string>> = {
  UNEXPECTED_TOKEN: "put quotes around a value with [ ] { } , or # in it",
  TAG_RESOLVE_FAILED: IN_QUOTES,
  BAD_SCALAR_START: IN_QUOTES,
  BLOCK_AS_IMPLICIT_KEY: IN_QUOTES,
  TAB_AS_INDENT: "indent with spaces",
};

/** @returns of each kind of mistake what is not the consequence of another */
export function notationFaults(document: Document.Parsed, text: string): readonly NotationFault[] {
  const faults = [...document.errors, ...document.warnings].filter(
    ({ code }, index) => index === 0 || code === "DUPLICATE_KEY",
  );
  if (faults.length === 0) return mapsAsNames(document);
  return faults.map(({ pos: [offset], code, message }): NotationFault => {
    if (code === "MULTIPLE_DOCS") {
      return { offset, message: "a second document begins here", hint: "write all rules into one list" };
    }
    const before = text.slice(text.lastIndexOf("\n", text.lastIndexOf("\n", offset - 1) - 1) + 1, offset);
    const hint = /(?:^|[\s,[{])\/[/*]/.test(before) ? "comments begin with #" : HINTS[code];
    return { offset, message: inSentence(message), hint };
  });
}

/** `text: {{request.body}}` without quotes is a map whose name is a map. */
function mapsAsNames(document: Document.Parsed): NotationFault[] {
  const faults: NotationFault[] = [];
  visit(document, {
    Pair(_, pair) {
      if (!isPair(pair) || !isCollection(pair.key) || !isNode(pair.key)) return;
      const offset = pair.key.range?.[0] ?? 0;
      faults.push({ offset, message: "a map or a list can't be a name", hint: IN_QUOTES });
    },
  });
  return faults.slice(0, 1);
}

export function inSentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
