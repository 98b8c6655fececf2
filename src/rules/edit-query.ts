// Changes of a URL's query: what is not named stays as it was sent, to the byte.

import type { z } from "zod";
import { parseQuery } from "../content/query.js";
import type { Edits } from "./edit-headers.js";
import { compileGlob } from "./glob.js";
import type { RequestDraft } from "./request-draft.js";
import type { Scope } from "./scope.js";
import { pairsOf, type queryEdits } from "./settings.js";
import type { Template } from "./template.js";
import { encodeUrlPart } from "./url-parts.js";
import type { Values } from "./values.js";

export function compileQueryEdits(
  edits: z.output<typeof queryEdits> | undefined,
  scope: Scope,
): Edits<RequestDraft> {
  const templates = (part: "set" | "append"): (readonly [string, readonly Template[]])[] =>
    pairsOf(edits?.[part], scope.at(part)).map(([name, texts]) => [
      name,
      texts.map((text) => scope.at(part, name).template(text, "plain")),
    ]);
  const [set, append, remove] = [templates("set"), templates("append"), edits?.remove ?? []];
  const globs = remove.map((name) => compileGlob(name));
  return {
    does: [
      ...set.map(([name]) => `sets the parameter ${name}`),
      ...append.map(([name]) => `appends the parameter ${name}`),
      ...remove.map((name) => `removes the parameter ${name}`),
    ],
    needsRequestBody: [...set, ...append].some(([, each]) => each.some(({ needsBody }) => needsBody)),
    apply(draft, values) {
      let url = draft.url;
      if (globs.length > 0) url = withoutParameters(url, (name) => globs.some((glob) => glob.test(name)));
      for (const [name, each] of set) url = withParameter(url, name, rendered(each, values), true);
      for (const [name, each] of append) url = withParameter(url, name, rendered(each, values), false);
      if (url !== draft.url) draft.setUrl(url);
    },
  };
}

function rendered(templates: readonly Template[], values: Values): readonly string[] {
  return templates.map((template) => template.render(values));
}

function withParameter(url: string, name: string, values: readonly string[], replace: boolean): string {
  const parameters = values.map((value) => `${encodeUrlPart(name)}=${encodeUrlPart(value)}`);
  const old = replace ? parseQuery(url).filter((parameter) => parameter.name === name) : [];
  const [first, ...others] = old;
  if (first === undefined) return withQuery(url, [...rawParameters(url), ...parameters]);
  const dropped = new Set(others.map(({ start }) => start));
  const kept = parseQuery(url).flatMap(({ start, end }) =>
    start === first.start ? parameters : dropped.has(start) ? [] : [url.slice(start, end)],
  );
  return withQuery(url, kept);
}

function withoutParameters(url: string, isRemoved: (name: string) => boolean): string {
  const parameters = parseQuery(url);
  const kept = parameters.filter(({ name }) => !isRemoved(name));
  if (kept.length === parameters.length) return url;
  return withQuery(
    url,
    kept.map(({ start, end }) => url.slice(start, end)),
  );
}

function rawParameters(url: string): string[] {
  return parseQuery(url).map(({ start, end }) => url.slice(start, end));
}

function withQuery(url: string, parameters: readonly string[]): string {
  const [, base = "", fragment = ""] = /^([^?#]*)(?:\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
  return base + (parameters.length === 0 ? "" : `?${parameters.join("&")}`) + fragment;
}
