// Texts with values in them: `{{request.query.id}}`. Names are looked up in a table, at load; nothing is ever executed,
// and what is put in is written so that it can't end the string, the line or the URL part that it stands in.
import { Mistake } from "../filter/mistake.js";
import { nearNames } from "../near-names.js";
import { plainText } from "./json-text.js";
import { filterOf } from "./template-filters.js";
import { SOURCE_NAMES, type Source, sourceOf } from "./template-sources.js";
import { encodeUrlPart } from "./url-parts.js";
import type { Values } from "./values.js";

/**
 * Where the text goes, which decides how values are written into it: `json` inside a string of a JSON text, `line` in a
 * header field, `url` as part of a URL, `plain` as they are.
 */
export type TemplateMode = "plain" | "json" | "line" | "url";

export interface Template {
  /** The text itself where nothing is to be put in. */
  readonly constant: string | undefined;
  /** It asks for the request's body. */
  readonly needsBody: boolean;
  render(values: Values): string;
  /** Of a template that is one `{{… | json}}` and nothing else: the value itself, for a JSON document. */
  readonly value: ((values: Values) => unknown) | undefined;
}

interface Piece {
  readonly needsBody: boolean;
  readonly whole: boolean;
  value(values: Values): unknown;
  render(values: Values): string;
}

const OPEN = "{{";
const CLOSE = "}}";
const LONGEST_EXPRESSION = 500;

/** @throws Mistake with places in the text */
export function compileTemplate(text: string, mode: TemplateMode): Template {
  const pieces: (string | Piece)[] = [];
  let at = 0;
  for (let open = text.indexOf(OPEN); open !== -1; open = text.indexOf(OPEN, at)) {
    const close = text.indexOf(CLOSE, open);
    if (close === -1 || close - open > LONGEST_EXPRESSION) {
      throw new Mistake(
        "this {{ is not closed by }}",
        open,
        open + 2,
        'write {{"{{"}} for the two signs themselves, or `template: false` where a body has no values in it',
      );
    }
    if (open > at) pieces.push(text.slice(at, open));
    pieces.push(compileExpression(text.slice(open + 2, close), open + 2, mode));
    at = close + CLOSE.length;
  }
  if (at === 0) return constantTemplate(text);
  pieces.push(text.slice(at));
  const only =
    pieces.length === 2 && pieces[1] === "" && typeof pieces[0] === "object" ? pieces[0] : undefined;
  return {
    constant: undefined,
    needsBody: pieces.some((piece) => typeof piece === "object" && piece.needsBody),
    render: (values) =>
      pieces.map((piece) => (typeof piece === "string" ? piece : piece.render(values))).join(""),
    value: only?.whole ? (values) => only.value(values) : undefined,
  };
}

export function constantTemplate(text: string): Template {
  return { constant: text, needsBody: false, render: () => text, value: undefined };
}

/** @param at where in the template the expression begins */
function compileExpression(expression: string, at: number, mode: TemplateMode): Piece {
  const [head = "", ...filters] = splitFilters(expression);
  const source = compileSource(head, at);
  let place = at + head.length + 1;
  const steps = filters.map((filter) => {
    const start = place + (filter.length - filter.trimStart().length);
    place += filter.length + 1;
    const step = filterOf(filter.trim());
    if (typeof step === "string") throw new Mistake(step, start, start + filter.trim().length, FILTERS_HINT);
    return step;
  });
  const value = (values: Values): unknown =>
    steps.reduce((current: unknown, step) => step.apply(current), source.read(values));
  // Who says `json`, `url` or `raw` has said how it is to be written.
  const written = steps.at(-1)?.written === true;
  const whole = steps.at(-1)?.name === "json";
  return {
    needsBody: source.needsBody,
    whole,
    value: (values) => steps.slice(0, -1).reduce((current, step) => step.apply(current), source.read(values)),
    render(values) {
      const text = plainText(value(values));
      return mode === "line" ? oneLine(text) : written ? text : ESCAPES[mode](text);
    },
  };
}

const FILTERS_HINT = "filters: json, url, base64, html, upper, lower, trim, raw, default:TEXT";

function compileSource(head: string, at: number): Source {
  const name = head.trim();
  const start = at + head.length - head.trimStart().length;
  const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(name);
  if (quoted !== null) {
    const text = quoted[1] ?? quoted[2]!;
    return { needsBody: false, read: () => text };
  }
  const source = sourceOf(name);
  if (source !== undefined) return source;
  const near = nearNames(name, SOURCE_NAMES);
  const meant = near.length === 0 ? "" : `did you mean ${near.join(" or ")}? `;
  throw new Mistake(
    name === "" ? "a name is missing between {{ and }}" : `there is no value '${name}' for a template`,
    start,
    start + Math.max(1, name.length),
    `${meant}there are ${SOURCE_NAMES.join(", ")}; \`template: false\` where a body has no values in it`,
  );
}

/** At `|`, but not within quotes. */
function splitFilters(expression: string): string[] {
  return expression.match(/(?:"[^"]*"|'[^']*'|[^|])+|(?<=\|)(?=\||$)|^(?=\|)/g) ?? [""];
}

const ESCAPES: Readonly<Record<TemplateMode, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  line: (text) => text,
  url: encodeUrlPart,
};

/** A value may not begin a header field of its own (RFC 9112 section 11.1). */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, " ");
}
