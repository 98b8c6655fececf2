// Checks a HAR entry by entry, as a stream: the schema of HAR 1.2 (har-validator) and the rules of those who read it.
import * as schema from "har-validator";
import { CONSUMER_RULES } from "./consumer-rules.js";
import type { Consumer, EntryRule, Finding } from "./finding.js";
import type { LongTexts } from "./long-texts.js";
import { emptyLogFields, type HarLogFields, readHar } from "./read.js";
import { asObject, type JsonObject, kindOf } from "./repairs.js";
import { RULES } from "./rules.js";

export interface ValidateOptions {
  /** Only what matters to this reader; without it, everything. */
  readonly consumer?: Consumer;
}

/**
 * @param source as for `readHar`. Findings come as they are found, those of `log` last.
 * @throws HAR_INVALID when it is not a HAR at all.
 */
export async function* validateHar(
  source: AsyncIterable<Buffer>,
  options: ValidateOptions = {},
): AsyncGenerator<Finding> {
  const fields = emptyLogFields();
  let earlier = Number.NEGATIVE_INFINITY;
  for await (const part of readHar(source, { fields })) {
    if (part.kind === "problem") {
      yield unreadable(part.message, part.number);
      continue;
    }
    yield* await validateEntry(withoutLongTexts(part.entry, part.texts), part.number, options);
    const start = startOf(part.entry);
    if (options.consumer === undefined && start < earlier) yield unsorted(part.number);
    if (!Number.isNaN(start)) earlier = start;
  }
  yield* await validateLog(fields, options);
}

/** A body that is not held is none to compare with. */
function withoutLongTexts(value: unknown, texts: LongTexts): unknown {
  if (texts.size === 0) return value;
  return JSON.parse(JSON.stringify(value), (key, field: unknown) =>
    key === "text" && typeof field === "string" && texts.has(field) ? "" : field,
  );
}

function startOf(entry: unknown): number {
  const start = asObject(entry)?.startedDateTime;
  return typeof start === "string" ? Date.parse(start) : Number.NaN;
}

/** Never throws, whatever the entry is. */
export async function validateEntry(
  value: unknown,
  number: number,
  { consumer }: ValidateOptions = {},
): Promise<Finding[]> {
  const entry = asObject(value);
  if (entry === undefined) return [unreadable(`entry ${number} is ${kindOf(value)}, not an object`, number)];
  const findings = consumer === undefined ? await bySchema(schema.entry, entry, "", number) : [];
  const request = asObject(entry.request) ?? {};
  const response = asObject(entry.response) ?? {};
  const content = asObject(response.content) ?? {};
  const parts = { entry, request, response, content, timings: asObject(entry.timings) ?? {} };
  for (const rule of rulesFor(consumer)) {
    const { id, severity, fix } = rule;
    for (const { path, message } of rule.check(parts)) {
      // The schema has said so already.
      if (findings.some((finding) => finding.path === path && finding.rule === "schema")) continue;
      findings.push({ entry: number, path, rule: id, severity, message, fix });
    }
  }
  return findings;
}

function rulesFor(consumer: Consumer | undefined): readonly EntryRule[] {
  const all = [...RULES, ...CONSUMER_RULES];
  return consumer === undefined ? all : all.filter(({ consumers }) => consumers.includes(consumer));
}

async function validateLog(fields: HarLogFields, { consumer }: ValidateOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (consumer === undefined) {
    if (typeof fields.version !== "string") {
      findings.push(ofLog("version", "is not text", 'write "1.2"'));
    }
    findings.push(...(await bySchema(schema.creator, fields.creator, "log.creator")));
    if (fields.browser !== undefined) {
      findings.push(...(await bySchema(schema.browser, fields.browser, "log.browser")));
    }
    for (const [index, page] of (fields.pages ?? []).entries()) {
      findings.push(...(await bySchema(schema.page, page, `log.pages[${index}]`)));
    }
  } else if (consumer === "chrome") {
    if (asObject(fields.creator) === undefined) {
      findings.push(
        ofLog("creator", `is ${kindOf(fields.creator)}, not an object`, "write name and version"),
      );
    }
    for (const [index, item] of (fields.pages ?? []).entries())
      findings.push(...chromePage(asObject(item) ?? {}, index));
  } else if (consumer === "firefox" && fields.pages === undefined) {
    findings.push(ofLog("pages", "is missing", "write a list, which may be empty"));
  }
  return findings;
}

function chromePage(page: JsonObject, index: number): Finding[] {
  const path = `pages[${index}]`;
  const isDated = typeof page.startedDateTime === "string" && !Number.isNaN(Date.parse(page.startedDateTime));
  return [
    ...(isDated ? [] : [ofLog(`${path}.startedDateTime`, "is not a date", "write ISO 8601")]),
    ...(asObject(page.pageTimings) ? [] : [ofLog(`${path}.pageTimings`, "is not an object", "write {}")]),
  ];
}

function ofLog(path: string, message: string, fix: string): Finding {
  return { path: `log.${path}`, rule: "log", severity: "error", message, fix };
}

function unreadable(message: string, number?: number): Finding {
  const fix = "export it again; trafficctl import --lenient keeps what can be read";
  const where = number === undefined ? {} : { entry: number };
  return { ...where, path: "", rule: "readable", severity: "error", message, fix };
}

function unsorted(number: number): Finding {
  const message = "began before the entry that stands before it";
  const fix = "sort the entries by their start";
  return { entry: number, path: "startedDateTime", rule: "sorted", severity: "warning", message, fix };
}

async function bySchema(
  validate: (value: unknown) => Promise<unknown>,
  value: unknown,
  base: string,
  number?: number,
): Promise<Finding[]> {
  // It takes what is missing for an empty object.
  if (typeof value !== "object" || value === null)
    return [schemaFinding(base, `is ${kindOf(value)}, not an object`)];
  try {
    await validate(value);
    return [];
  } catch (error) {
    const errors: unknown = asObject(error)?.errors;
    if (!Array.isArray(errors)) throw error;
    const where = number === undefined ? {} : { entry: number };
    const findings = errors.map((item: unknown) => schemaError(asObject(item) ?? {}, base));
    // Of alternatives, each is an error of its own, and then all together.
    const byPath = new Map(findings.map((finding) => [finding.path, finding]));
    return [...byPath.values()].map((finding) => ({ ...where, ...finding }));
  }
}

function schemaError(error: JsonObject, base: string): Finding {
  const place = textOf(error.dataPath).replace(/^\./, "");
  const missing = asObject(error.params)?.missingProperty;
  const path = [base, place, missing].filter((part) => typeof part === "string" && part !== "").join(".");
  if (place === "serverIPAddress") {
    return schemaFinding(path, "is not an IP address", "write it without brackets and port, or leave it out");
  }
  return schemaFinding(path, typeof missing === "string" ? "is missing" : textOf(error.message));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function schemaFinding(path: string, message: string, fix = "write it as HAR 1.2 says"): Finding {
  return { path, rule: "schema", severity: "error", message, fix };
}
