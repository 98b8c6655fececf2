// Same input, same answer as mitmproxy's flowfilter, and as Python's re below it. What they answered is in
// fixtures/filter/mitmproxy-answers.json, with the script that remakes it beside it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { TrafficError } from "../../src/errors.js";
import { compileFilter, type Filter } from "../../src/filter/filter.js";
import { Mistake } from "../../src/filter/mistake.js";
import { compilePattern } from "../../src/filter/pattern.js";
import type { Subject } from "../../src/filter/subject.js";
import { subject } from "./support.js";

const headers = z.array(z.tuple([z.string(), z.string()]));
const flowSchema = z.object({
  method: z.string(),
  url: z.tuple([z.string(), z.string(), z.number(), z.string()]),
  headers,
  content: z.string(),
  response: z.object({ status: z.number(), headers, content: z.string() }).nullable(),
  error: z.string().optional(),
  messages: z.array(z.tuple([z.boolean(), z.string()])).optional(),
});
const indices = z.array(z.number()).nullable();
const answers = z
  .object({
    flows: z.array(flowSchema),
    filters: z.array(z.tuple([z.string(), indices])),
    inputs: z.array(z.string()),
    patterns: z.array(z.tuple([z.string(), indices, indices])),
  })
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, "../../fixtures/filter/mitmproxy-answers.json"), "utf8"),
    ),
  );

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

function subjectOf({
  method,
  url,
  headers,
  content,
  response,
  error,
  messages,
}: (typeof answers.flows)[number]): Subject {
  const [scheme, name, port, path] = url;
  const host = name.includes(":") ? `[${name}]` : name;
  const type = (fields: typeof headers): string =>
    fields.find(([field]) => field.toLowerCase() === "content-type")?.[1] ?? "";
  return subject(
    {
      kind: messages === undefined ? "http" : "websocket",
      method,
      url: `${scheme}://${host}${port === DEFAULT_PORTS[scheme] ? "" : `:${port}`}${bytes(path)}`,
      status: response?.status ?? null,
      requestType: type(headers),
      responseType: type(response?.headers ?? []),
      error: error === undefined ? null : { code: "connect-refused", message: error },
      client: "127.0.0.1:22022",
      server: `${host}:${port}`,
    },
    {
      requestHeaders: headers,
      responseHeaders: response?.headers ?? null,
      requestContent: content,
      responseContent: response?.content ?? null,
      messages: (messages ?? []).map(([sent, text]) => ({
        direction: sent ? "send" : "receive",
        opcode: 1,
        content: text,
      })),
    },
  );
}

/** UTF-8, one character a byte. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function compiled(text: string): Filter | undefined {
  try {
    return compileFilter(text);
  } catch (error) {
    if (error instanceof TrafficError && error.code === "FILTER_INVALID") return undefined;
    throw error;
  }
}

describe("mitmproxy's answers", () => {
  const subjects = answers.flows.map(subjectOf);

  test("are many", () => {
    expect(answers.filters.filter(([, expected]) => expected !== null).length).toBeGreaterThan(500);
    expect(answers.patterns.length).toBeGreaterThan(400);
  });

  test("are ours", () => {
    const different: unknown[] = [];
    for (const [text, expected] of answers.filters) {
      if (expected === null) continue;
      const filter = compiled(text);
      const ours = filter && subjects.flatMap((each, index) => (filter.test(each) === true ? [index] : []));
      if (JSON.stringify(ours) !== JSON.stringify(expected)) different.push({ text, expected, ours });
    }
    expect(different).toEqual([]);
  });

  test("are refusals of what we read, where it can mean one thing only", () => {
    const read = answers.filters.filter(
      ([text, expected]) => expected === null && compiled(text) !== undefined,
    );
    expect(read.map(([text]) => text)).toEqual([
      "~c '200'",
      "!(~q | ~e)",
      "!(~q) ~s",
      "(~q | ~e) ~d 127",
      "! (~a | ~e) & ~s",
      "( !! & \\? & users )",
    ]);
  });
});

describe("Python's re", () => {
  const found = (pattern: string, over: "text" | "bytes"): number[] | null => {
    const inputs = over === "text" ? answers.inputs : answers.inputs.map(bytes);
    try {
      const options = {
        ignoreCase: false,
        multiline: false,
        dotAll: false,
        bytes: over === "bytes",
        limitMs: 1000,
      };
      const { test } = compilePattern(pattern, options);
      return inputs.flatMap((input, index) => (test(input) ? [index] : []));
    } catch (error) {
      if (error instanceof Mistake) return null;
      throw error;
    }
  };

  test("finds what we find", () => {
    const different: string[] = [];
    for (const [pattern, text, inBytes] of answers.patterns) {
      if (JSON.stringify(found(pattern, "text")) !== JSON.stringify(text)) different.push(`text: ${pattern}`);
      if (JSON.stringify(found(pattern, "bytes")) !== JSON.stringify(inBytes))
        different.push(`bytes: ${pattern}`);
    }
    // Before 3.14 Python found no \B in an empty text. Locales are of no use here.
    expect(different).toEqual(["text: \\B", "bytes: \\B", "bytes: (?L)a"]);
  });
});
