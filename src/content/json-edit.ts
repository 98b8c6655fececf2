// JSON texts that are changed in places. What is not changed stays as it was written, to the byte: numbers that no double
// holds (RFC 8259 section 6), blanks, escapes, names that stand twice. Nothing is built of what is passed over: a body of
// ten million bytes can be a list of five million numbers.

import { isIndex } from "./json-pointer.js";
import { eachMember, isList, isNamed, isObject, type Member, rootOf, type Span } from "./json-scan.js";

/** @param text JSON @returns the text of the value at a place; undefined where there is none */
export function jsonAt(text: string, steps: readonly string[]): string | undefined {
  const span = spanAt(text, steps);
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

/**
 * Puts a value at a place, with the objects on the way there. `-` as the last step means behind the end of a list.
 * @param text JSON
 * @param json the value's text
 * @returns the new text; undefined where the way leads through what is neither object nor list
 */
export function setJson(text: string, steps: readonly string[], json: string): string | undefined {
  let span = rootOf(text);
  for (const [depth, step] of steps.entries()) {
    const found = valuesAt(text, span, step);
    const last = found.at(-1);
    if (last === undefined) return withNew(text, span, steps.slice(depth), json);
    // Whichever of several of a name a reader takes, it is this value.
    if (depth === steps.length - 1) return withValues(text, found, json);
    span = last;
  }
  return withValues(text, [span], json);
}

/** Adds to the end of a list. @returns undefined where there is no list at that place */
export function appendJson(text: string, steps: readonly string[], json: string): string | undefined {
  const span = spanAt(text, steps);
  return span !== undefined && isList(text, span) ? inserted(text, span, undefined, json) : undefined;
}

/** @returns undefined where there is nothing to remove */
export function removeJson(text: string, steps: readonly string[]): string | undefined {
  const step = steps.at(-1);
  const parent = step === undefined ? undefined : spanAt(text, steps.slice(0, -1));
  if (step === undefined || parent === undefined) return undefined;
  const isRemoved = memberTest(text, parent, step);
  let first: { readonly lead: number; readonly start: number } | undefined;
  let tail = parent.end - 1;
  // What stays, with the blanks before it and none behind.
  const kept: { readonly lead: number; readonly start: number; end: number }[] = [];
  let isAfterKept = false;
  let hasRemoved = false;
  eachMember(text, parent, (member) => {
    first ??= { lead: member.lead, start: member.start };
    tail = member.end;
    // Were one of several of a name left, it would come to light.
    const goes = isRemoved(member);
    if (goes) hasRemoved = true;
    else if (isAfterKept) kept.at(-1)!.end = member.end;
    else kept.push({ lead: member.lead, start: member.start, end: member.end });
    isAfterKept = !goes;
    return false;
  });
  if (!hasRemoved || first === undefined) return undefined;
  if (kept.length === 0) return text.slice(0, first.lead) + text.slice(parent.end - 1);
  const inner = kept.map(({ lead, start, end }, index) => text.slice(index === 0 ? start : lead, end));
  return text.slice(0, first.start) + inner.join(",") + text.slice(tail);
}

function spanAt(text: string, steps: readonly string[]): Span | undefined {
  let span: Span | undefined = rootOf(text);
  for (const step of steps) {
    if (span === undefined) return undefined;
    // Of names that stand twice the last one counts, as for JSON.parse.
    span = valuesAt(text, span, step).at(-1);
  }
  return span;
}

/** Several where a name stands more than once. */
function valuesAt(text: string, span: Span, step: string): Span[] {
  const isMeant = memberTest(text, span, step);
  const found: Span[] = [];
  const isOne = isList(text, span);
  eachMember(text, span, (member) => {
    const isIt = isMeant(member);
    if (isIt) found.push({ start: member.value, end: member.end });
    return isIt && isOne;
  });
  return found;
}

function memberTest(text: string, span: Span, step: string): (member: Member) => boolean {
  if (isObject(text, span)) return (member) => isNamed(text, member, step);
  const index = isIndex(step) ? Number(step) : undefined;
  return (member) => member.index === index;
}

function withValues(text: string, spans: readonly Span[], json: string): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    pieces.push(text.slice(at, start), json);
    at = end;
  }
  return pieces.join("") + text.slice(at);
}

/** @param steps the first one is not there */
function withNew(text: string, parent: Span, steps: readonly string[], json: string): string | undefined {
  const [step = "", ...rest] = steps;
  const made = madeOf(rest, json);
  if (made === undefined) return undefined;
  if (isObject(text, parent)) return inserted(text, parent, step, made);
  if (!isList(text, parent) || rest.length > 0) return undefined;
  let length = 0;
  eachMember(text, parent, ({ index }) => {
    length = index + 1;
    return false;
  });
  return step === "-" || step === String(length) ? inserted(text, parent, undefined, made) : undefined;
}

/** What has to be put where the first of these steps would lead. */
function madeOf(steps: readonly string[], json: string): string | undefined {
  return steps.reduceRight<string | undefined>((inner, step, index) => {
    if (inner === undefined) return undefined;
    // Of a list that is not there yet there is an end, and nothing else.
    if (step === "-") return index === steps.length - 1 ? `[${inner}]` : undefined;
    return `{${JSON.stringify(step)}:${inner}}`;
  }, json);
}

/** At the end, with the blanks that the member before has. */
function inserted(text: string, span: Span, name: string | undefined, json: string): string {
  const before = { lead: 0, start: 0, nameEnd: 0, value: 0, end: 0 };
  eachMember(text, span, ({ lead, start, nameEnd, value, end }) => {
    Object.assign(before, { lead, start, nameEnd, value, end });
    return false;
  });
  const isFirst = before.end === 0;
  const at = isFirst ? span.start + 1 : before.end;
  const colon = text.slice(before.nameEnd, before.value) || ":";
  const lead = text.slice(before.lead, before.start) || (/\s$/.test(colon) ? " " : "");
  const written = name === undefined ? json : `${JSON.stringify(name)}${colon}${json}`;
  return `${text.slice(0, at)}${isFirst ? "" : `,${lead}`}${written}${text.slice(at)}`;
}
