// What can be done with a value in a template: `{{request.query.q | url}}`.
import { plainText, writeJson } from "./json-text.js";
import { encodeUrlPart } from "./url-parts.js";

export interface TemplateFilter {
  readonly name: string;
  /** What comes out is written for its place already. */
  readonly written: boolean;
  apply(value: unknown): unknown;
}

type Apply = (value: unknown, argument: string) => unknown;

const FILTERS: ReadonlyMap<
  string,
  { readonly written: boolean; readonly argument?: true; readonly apply: Apply }
> = new Map(
  Object.entries({
    json: { written: true, apply: (value) => writeJson(value) },
    url: { written: true, apply: (value) => encodeUrlPart(plainText(value)) },
    raw: { written: true, apply: (value) => value },
    base64: { written: false, apply: (value) => Buffer.from(plainText(value), "utf8").toString("base64") },
    html: {
      written: false,
      apply: (value) => plainText(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`),
    },
    upper: { written: false, apply: (value) => plainText(value).toUpperCase() },
    lower: { written: false, apply: (value) => plainText(value).toLowerCase() },
    trim: { written: false, apply: (value) => plainText(value).trim() },
    default: {
      written: false,
      argument: true,
      apply: (value, argument) => (value === undefined || value === null || value === "" ? argument : value),
    },
  } satisfies Record<string, { written: boolean; argument?: true; apply: Apply }>),
);

/** @param text `json`, `default:none`, `default:"a b"` @returns what is wrong, where it is no filter */
export function filterOf(text: string): TemplateFilter | string {
  const [, name = "", quoted, bare] = /^([a-z0-9]*)(?:\s*:\s*(?:["']([^"']*)["']|(.*)))?$/s.exec(text) ?? [];
  const filter = FILTERS.get(name);
  if (filter === undefined)
    return text === "" ? "a filter is missing behind |" : `there is no filter '${text}'`;
  const argument = quoted ?? bare;
  if (filter.argument && argument === undefined) return `the filter ${name} needs a text: ${name}:TEXT`;
  if (!filter.argument && argument !== undefined) return `the filter ${name} takes no text`;
  const { written, apply } = filter;
  return { name, written, apply: (value) => apply(value, argument ?? "") };
}
