// The text of a rule file: YAML or JSON into data, and where in the text each value of it stands.
import {
  Alias,
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { IN_QUOTES, inSentence, notationFaults } from "./notation.js";
import type { Path, Problem } from "./scope.js";
import { tooDeepAt } from "./source-depth.js";
import type { Place } from "./types.js";

export interface Source {
  readonly data: unknown;
  /** Where a value stands; the place of what is around it where it does not. */
  placeOf(path: Path, within?: Within): Place;
  /** A number, true or false as it is written; undefined for anything else. */
  writtenAt(path: Path): string | undefined;
}

type Within = Pick<Problem, "span" | "atKey">;

/** A mistake with its place. */
export interface RuleMistake extends Place {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** @returns mistakes of the notation: then there is no data to look at */
export function parseSource(text: string, file: string): Source | readonly RuleMistake[] {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    return [
      {
        file,
        ...deep,
        message: "too many lists and maps within each other",
        hint: "a rule needs a few levels",
      },
    ];
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // What it would warn of is reported here, and not on stderr.
    logLevel: "error",
    keepSourceTokens: true,
    merge: true,
  });
  const faults = notationFaults(document, text);
  if (faults.length > 0) {
    return faults.map(({ offset, message, hint }) => ({ ...place(offset), message, hint }));
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases of nothing, and aliases that unfold to far more than the file holds.
    const message = error instanceof Error ? error.message : String(error);
    const hint = /excessive/i.test(message) ? "write the values out" : IN_QUOTES;
    return [{ ...place(wrongAlias(document)), message: inSentence(message), hint }];
  }
  return {
    data,
    placeOf: (path, within) => place(offsetOf(document, path, text, within ?? {})),
    writtenAt: (path) => writtenAt(document, path),
  };
}

/** Where the first alias of nothing is; where there is none, the first alias. */
function wrongAlias(document: Document.Parsed): number {
  const aliases: Alias[] = [];
  visit(document, {
    Alias(_, alias) {
      aliases.push(alias);
    },
  });
  const wrong = aliases.find((alias) => alias.resolve(document) === undefined) ?? aliases[0];
  return wrong?.range?.[0] ?? 0;
}

function offsetOf(document: Document.Parsed, path: Path, text: string, { span, atKey }: Within): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, step] of path.entries()) {
    const found = childOf(resolved(node, document), step, document);
    if (found === undefined) return offset;
    const isLast = index === path.length - 1;
    // What is wrong with a whole map or list is told at its name.
    const named = found.value === null || (isLast && (atKey === true || isCollection(found.value)));
    offset = named ? found.key : startOf(found.value);
    node = found.value;
  }
  return offset + within(node, text, span);
}

function writtenAt(document: Document.Parsed, path: Path): string | undefined {
  let node: unknown = document.contents;
  for (const step of path) node = childOf(resolved(node, document), step, document)?.value;
  const scalar = resolved(node, document);
  const isPlain = isScalar(scalar) && (typeof scalar.value === "number" || typeof scalar.value === "boolean");
  return isPlain ? scalar.source : undefined;
}

interface Child {
  /** Where its key, or in a list it itself, begins. */
  readonly key: number;
  readonly value: Node | null;
}

function childOf(node: unknown, step: string | number, document: Document.Parsed): Child | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { key: startOf(item), value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if (isScalar(key) && String(key.value) === String(step)) {
      return { key: startOf(key), value: isNode(value) ? value : null };
    }
  }
  // A merge key brings the members of another map.
  for (const { key, value } of node.items) {
    if (!isScalar(key) || String(key.value) !== "<<") continue;
    const found = childOf(resolved(value, document), step, document);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resolved(node: unknown, document: Document.Parsed): unknown {
  return node instanceof Alias ? node.resolve(document) : node;
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** How far into a value its text begins to be wrong; 0 where escapes or folding come between. */
function within(node: unknown, text: string, span: Problem["span"]): number {
  if (span === undefined || !isScalar(node) || typeof node.value !== "string" || !node.range) return 0;
  const written = text.slice(node.range[0], node.range[1]);
  const quote = /^["']/.test(written) ? 1 : 0;
  return written.slice(quote, quote + node.value.length) === node.value ? quote + span.start : 0;
}
