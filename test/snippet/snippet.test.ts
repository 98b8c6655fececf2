// Each snippet is run for real, by sh, Python and Node, against an origin that says what it got.
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { curlCommand } from "../../src/snippet/curl.js";
import { fetchCode } from "../../src/snippet/fetch.js";
import { httpieCommand } from "../../src/snippet/httpie.js";
import { pythonCode } from "../../src/snippet/python.js";
import type { SnippetRequest } from "../../src/snippet/request.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { run } from "../support/run.js";

interface Got {
  readonly method: string;
  readonly target: string;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

let origin: Origin;
const got = new Map<string, Got>();

beforeAll(async () => {
  origin = await httpOrigin((request, response) => {
    void received(request).then((one) => {
      got.set(one.headers.find(([name]) => name === "X-Case")?.[1] ?? "", one);
      response.end("fine");
    });
  });
});
afterAll(() => origin.close());

async function received(request: IncomingMessage): Promise<Got> {
  const headers: [string, string][] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i]!, request.rawHeaders[i + 1]!]);
  }
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    headers,
    body: await buffer(request),
  };
}

interface Case {
  readonly name: string;
  readonly method?: string;
  readonly target?: string;
  readonly headers?: RawHeaders;
  readonly body?: Buffer | string;
}

const BINARY = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

const CASES: readonly Case[] = [
  { name: "plain" },
  { name: "query", target: "/a/b?q=1&r=%20x&e=" },
  {
    name: "json",
    method: "POST",
    headers: [["Content-Type", "application/json"]],
    body: '{"a":"it\'s $HOME `x`"}',
  },
  { name: "lines", method: "POST", headers: [["Content-Type", "text/plain"]], body: "one\ntwo\n\ttab\\n" },
  { name: "no type", method: "POST", body: "x=1" },
  { name: "at", method: "POST", headers: [["Content-Type", "text/plain"]], body: "@file" },
  { name: "binary", method: "PUT", headers: [["Content-Type", "application/octet-stream"]], body: BINARY },
  { name: "utf8", method: "PATCH", headers: [["Content-Type", "text/plain"]], body: "grüße 😀" },
  { name: "get with a body", method: "GET", headers: [["Content-Type", "text/plain"]], body: "b" },
  { name: "delete", method: "DELETE" },
  { name: "odd method", method: "PURGE" },
  {
    name: "headers",
    headers: [
      ["X-A", "1"],
      ["x-b", 'it\'s "quoted" $x'],
      ["X-A", "2"],
      ["Cookie", "a=1; b=2"],
    ],
  },
  {
    name: "agent",
    headers: [
      ["User-Agent", "mine/1.0"],
      ["Accept", "text/html"],
      ["Accept-Encoding", "gzip, br"],
    ],
  },
  { name: "empty value", headers: [["X-Empty", ""]] },
  { name: "latin-1", headers: [["X-Latin", "caf\u00e9 100% \\ 'x'"]] },
  { name: "host", headers: [["Host", "other.example"]] },
  { name: "braces", target: "/a?x[1]={b}" },
];

function requestOf({
  name,
  method = "GET",
  target = "/path",
  headers = [],
  body = "",
}: Case): SnippetRequest {
  const url = `http://127.0.0.1:${origin.port}${target}`;
  const bytes = Buffer.from(body);
  const host = headers.some(([field]) => field === "Host")
    ? []
    : [["Host", `127.0.0.1:${origin.port}`] as const];
  const length = bytes.length > 0 ? [["Content-Length", String(bytes.length)] as const] : [];
  return {
    method,
    url,
    target,
    httpVersion: "HTTP/1.1",
    headers: [...host, ["X-Case", name], ...headers, ...length],
    body: bytes,
  };
}

/** Without what belongs to the connection, and in an order that does not matter. */
function comparable(headers: RawHeaders, ignored: readonly string[] = []): string[] {
  const skip = new Set(["connection", "keep-alive", ...ignored]);
  return headers
    .filter(([name]) => !skip.has(name.toLowerCase()))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .sort();
}

function expectSent(request: SnippetRequest, name: string, ignored: readonly string[] = []): void {
  const one = got.get(name);
  got.delete(name);
  expect(one).toBeDefined();
  expect(one?.method).toBe(request.method);
  expect(one?.target).toBe(request.target);
  expect(one?.body.equals(request.body)).toBe(true);
  expect(comparable(one?.headers ?? [], ignored)).toEqual(comparable(request.headers, ignored));
}

describe("curl", () => {
  test.each(CASES)("sends the same: $name", async (one) => {
    const request = requestOf(one);
    const result = await run("sh", ["-c", `${curlCommand(request, "false")} -sS`]);
    expect(result).toMatchObject({ code: 0, stdout: "fine", stderr: "" });
    expectSent(request, one.name);
  });

  test("HEAD", async () => {
    const request = requestOf({ name: "head", method: "HEAD" });
    const result = await run("sh", ["-c", `${curlCommand(request, "false")} -sS`]);
    expect(result.stdout).toMatch(/^HTTP\/1\.1 200 OK/);
    expectSent(request, "head");
  });

  test("a body too large for a command line comes from another command", async () => {
    const body = Buffer.alloc(300_000, "x");
    const request = requestOf({
      name: "large",
      method: "POST",
      headers: [["Content-Type", "text/plain"]],
      body,
    });
    const source = `head -c 300000 /dev/zero | tr '\\0' x`;
    const result = await run("sh", ["-c", `${curlCommand(request, source)} -sS`]);
    expect(result).toMatchObject({ code: 0, stdout: "fine" });
    expectSent(request, "large");
  });

  test("says which HTTP version", () => {
    const request = { ...requestOf({ name: "h2" }), httpVersion: "HTTP/2.0" as const };
    expect(curlCommand(request, "false")).toContain("--http2");
  });
});

describe("Python", () => {
  test.each(CASES)("sends the same: $name", async (one) => {
    const request = requestOf(one);
    const result = await run("python3", ["-"], { input: pythonCode(request) });
    expect(result).toMatchObject({ code: 0, stdout: "200 b'fine'\n", stderr: "" });
    expectSent(request, one.name);
  });
});

describe("fetch", () => {
  // fetch has no GET with a body and writes Host, Accept and some others by itself.
  const cases = CASES.filter(({ name }) => !["get with a body", "host"].includes(name));
  test.each(cases)("sends the same: $name", async (one) => {
    const request = requestOf(one);
    const code = fetchCode(request);
    const result = await run(process.execPath, ["--input-type=module", "-"], { input: code });
    expect(result).toMatchObject({ code: 0, stdout: "200 fine\n" });
    const own = [
      "host",
      "accept",
      "accept-language",
      "sec-fetch-mode",
      "user-agent",
      "accept-encoding",
      "x-a",
    ];
    const sent = got.get(one.name);
    const names = (headers: RawHeaders): string[] => headers.map(([name]) => name.toLowerCase());
    for (const name of names(request.headers)) expect(names(sent?.headers ?? [])).toContain(name);
    expectSent(
      request,
      one.name,
      request.headers.some(([n]) => n === "Content-Type") ? own : [...own, "content-type"],
    );
  });
});

describe("HTTPie", () => {
  test("is told everything by its own syntax", () => {
    const request = requestOf({
      name: "httpie",
      method: "POST",
      headers: [
        ["Content-Type", "application/json"],
        ["X-Empty", ""],
      ],
      body: `{"it's":1}`,
    });
    expect(httpieCommand(request, "false").replaceAll(String(origin.port), "PORT")).toMatchInlineSnapshot(`
      "http --ignore-stdin --raw '{"it'\\''s":1}' POST http://127.0.0.1:PORT/path \\
        X-Case:httpie \\
        Content-Type:application/json \\
        'X-Empty;' \\
        User-Agent: \\
        Accept: \\
        Accept-Encoding:"
    `);
  });
});
