// Compares two responses: status, headers, body by its type, duration.
import { isJsonType, parseMediaType } from "../../content/media-type.js";
import { decodeText } from "../../content/text.js";
import { headerValue } from "../../exchange/headers.js";
import { compareHeaders } from "./headers.js";
import { compareJson, type JsonRules } from "./json.js";
import { parseJson } from "./json-parse.js";
import { compilePointers } from "./pointers.js";
import { compareLines } from "./text.js";
import type { BodyDifference, Change, ComparedResponse, CompareRules, Comparison } from "./types.js";

export type { ComparedBody, ComparedResponse, CompareRules, Comparison } from "./types.js";

export type CompareResponses = (before: ComparedResponse, after: ComparedResponse) => Comparison;

/** @throws BAD_OPTION for an `ignore` that is no JSON Pointer */
export function compileComparison(rules: CompareRules): CompareResponses {
  const ignoresHeader = compareHeaders(rules.ignoreHeaders ?? []);
  const json = { ignores: compilePointers(rules.ignore ?? []), unordered: rules.unordered === true };
  return (before, after) => {
    const status = changeOf(before.status, after.status);
    const error = changeOf(before.error, after.error);
    const headers = ignoresHeader(before.headers, after.headers);
    const body = compareBodies(before, after, json);
    return {
      same: status === null && error === null && headers.length === 0 && body === null,
      status,
      error,
      headers,
      body,
      duration: { before: before.duration, after: after.duration },
    };
  };
}

function changeOf<T>(before: T, after: T): Change<T> | null {
  return before === after ? null : { before, after };
}

function compareBodies(
  before: ComparedResponse,
  after: ComparedResponse,
  json: JsonRules,
): BodyDifference | null {
  const [old, now] = [before.body, after.body];
  if (old.content !== null && now.content !== null) {
    if (old.content.equals(now.content)) return null;
    return differenceOf(before, after, old.content, now.content, json);
  }
  if (old.sha256 === null || now.sha256 === null) {
    // That nothing is known of one of them is no difference; another size is.
    if (old.size === now.size) return null;
    return { kind: "unknown", before: { size: old.size }, after: { size: now.size } };
  }
  return old.sha256 === now.sha256 ? null : binary(before, after);
}

function differenceOf(
  before: ComparedResponse,
  after: ComparedResponse,
  old: Buffer,
  now: Buffer,
  json: JsonRules,
): BodyDifference | null {
  const types = [contentType(before), contentType(after)] as const;
  const [oldText, newText] = [decodeText(old, types[0])?.text, decodeText(now, types[1])?.text];
  if (oldText === undefined || newText === undefined) return binary(before, after);
  // Whoever sends JSON without saying so means it all the same; a text that begins otherwise is not tried.
  const meansJson =
    types.some((type) => isJsonType(parseMediaType(type))) ||
    [oldText, newText].every((text) => /^\s*[[{]/.test(text));
  if (meansJson) {
    const [oldValue, newValue] = [parseJson(oldText), parseJson(newText)];
    if (oldValue !== undefined && newValue !== undefined) {
      return compareJson(oldValue.value, newValue.value, json);
    }
  }
  return compareLines(oldText, newText);
}

function contentType({ headers }: ComparedResponse): string {
  return headerValue(headers, "content-type") ?? "";
}

function binary({ body: before }: ComparedResponse, { body: after }: ComparedResponse): BodyDifference {
  return {
    kind: "binary",
    before: { size: before.size, sha256: before.sha256 },
    after: { size: after.size, sha256: after.sha256 },
  };
}
