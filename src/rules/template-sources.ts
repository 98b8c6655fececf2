// The values that a template can name.
import { isUtf8 } from "node:buffer";
import { jsonAt } from "../content/json-edit.js";
import { parsePointer } from "../content/json-pointer.js";
import { isJson } from "../content/json-tokens.js";
import { parseQuery } from "../content/query.js";
import { headerValues } from "../exchange/headers.js";
import { hostOf, pathOf } from "../exchange/url.js";
import { jsonValue } from "./json-text.js";
import type { Values } from "./values.js";

export interface Source {
  readonly needsBody: boolean;
  read(values: Values): unknown;
}

type Read = (values: Values) => unknown;

const NAMED: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["request.method", ({ method }) => method],
  ["request.url", ({ url }) => url],
  ["request.host", ({ url }) => hostOf(url)],
  ["request.path", ({ url }) => pathOf(url).split("?", 1)[0]],
  ["uuid", ({ chance }) => chance.uuid()],
  ["counter", (values) => values.count("")],
  ["now", ({ now }) => now.toISOString()],
  ["now.ms", ({ now }) => now.getTime()],
  ["now.unix", ({ now }) => Math.floor(now.getTime() / 1000)],
  ["now.http", ({ now }) => now.toUTCString()],
  ["now.date", ({ now }) => now.toISOString().slice(0, 10)],
  ["now.time", ({ now }) => now.toISOString().slice(11, 19)],
]);

/** For messages: what can be named. */
export const SOURCE_NAMES: readonly string[] = [
  ...[...NAMED.keys()].slice(0, 4),
  "request.query.NAME",
  "request.headers.NAME",
  "request.body",
  "request.json.NAME",
  "request.json/POINTER",
  ...[...NAMED.keys()].slice(4),
  "counter.NAME",
  "random.MIN.MAX",
];

/** @returns undefined for a name that means nothing */
export function sourceOf(name: string): Source | undefined {
  const read = NAMED.get(name);
  if (read !== undefined) return { needsBody: false, read };
  if (name === "request.body") return { needsBody: true, read: ({ text }) => text };
  const [, group, rest] = /^(request\.query|request\.headers|counter|random)\.(.+)$/s.exec(name) ?? [];
  switch (group) {
    case "request.query":
      return ofHead(({ url }) => parseQuery(url).find((each) => each.name === rest)?.value);
    case "request.headers":
      return ofHead(({ headers }) => headerText(headerValues(headers, rest!).join(", ")));
    case "counter":
      return /^[\w-]{1,40}$/.test(rest!) ? ofHead((values) => values.count(rest!)) : undefined;
    case "random":
      return randomOf(rest!);
    default:
      return jsonSource(name);
  }
}

/** What is a byte a character on the wire, as the text that it mostly is. */
function headerText(value: string): string {
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}

function ofHead(read: Read): Source {
  return { needsBody: false, read };
}

function randomOf(text: string): Source | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})$/.exec(text);
  const [min, max] = [Number(match?.[1]), Number(match?.[2])];
  return match === null || max < min ? undefined : ofHead(({ chance }) => chance.integer(min, max));
}

/** `request.json`, `request.json.user.name`, `request.json/user/name`. */
function jsonSource(name: string): Source | undefined {
  const match = /^request\.json(?:(\/.*)|\.(.+))?$/s.exec(name);
  if (match === null) return undefined;
  const steps = match[1] === undefined ? (match[2]?.split(".") ?? []) : parsePointer(match[1]);
  if (steps === undefined || steps.includes("")) return undefined;
  return { needsBody: true, read: (values) => valueIn(jsonOf(values), steps) };
}

/** Looked at once for each exchange. */
const documents = new WeakMap<Values, string | undefined>();

function jsonOf(values: Values): string | undefined {
  if (!documents.has(values)) {
    const text = values.text?.replace(/^\ufeff/, "");
    documents.set(values, text !== undefined && isJson(text) ? text : undefined);
  }
  return documents.get(values);
}

function valueIn(document: string | undefined, steps: readonly string[]): unknown {
  const text = document === undefined ? undefined : jsonAt(document, steps);
  return text === undefined ? undefined : jsonValue(text);
}
