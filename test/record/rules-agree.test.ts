// What `rules test` says of a recorded exchange, what `rules apply` makes of it, and what the same rules do to the same
// traffic, as its client and its origin see it and as it is recorded: one evaluator, so they agree.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import type http2 from "node:http2";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeContent } from "../../src/content/encode.js";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { applyRules } from "../../src/operations/rules/apply-rules.js";
import { testRules } from "../../src/operations/rules/test-rules.js";
import { bodyBytes } from "../../src/session/body-reader.js";
import { tempFolder } from "../rules/support.js";
import { ask, http2Through } from "../support/http2-client.js";
import { http2Origin, httpOrigin, httpsOrigin, type Origin, originAuthority } from "../support/origin.js";
import { secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";

/** Rules by what they are about; each is tried on every kind of exchange in every protocol. */
const RULES: Readonly<Record<string, string>> = {
  "respond text": "respond: {status: 201, headers: {x-mock: [a, b]}, text: 'mocked {{request.path}}'}",
  "respond json": "respond: {json: {mocked: true, of: '{{request.json/user}}'}}",
  "respond 204": "respond: {status: 204}",
  "respond file": "respond: {file: served/a.bin, headers: {content-type: application/x-a}}",
  "serve-dir": "serve-dir: {dir: served, strip: /case/, missing: pass}",
  "serve-dir 404": "serve-dir: {dir: served, strip: /case/}",
  "rewrite path": "rewrite: {path: '/other?x=1'}",
  "set-request head":
    "set-request: {method: PUT, headers: {set: {x-set: [a, b], user-agent: mine}, append: {x-case: more}, remove: [x-gone]}, query: {set: {q: '1 2'}, append: {r: a}, remove: [gone]}}",
  "set-request body": "set-request: {body: {text: 'another body'}}",
  "set-request json": "set-request: {edit-json: {set: {/user: Bob, /new/at: [1]}, remove: [/gone]}}",
  "set-request replace": "set-request: {replace: {find: Alice, with: Bob}}",
  "set-response head":
    "set-response: {status: 207, reason: Else, headers: {set: {x-set: [a, b]}, remove: [etag, x-gone]}}",
  "set-response status": "set-response: {status: 304}",
  "set-response body": "set-response: {body: {json: {other: 1}}}",
  "set-response json": "set-response: {edit-json: {set: {/user: Bob}, remove: [/gone]}}",
  "set-response replace": "set-response: {replace: {find: Alice, with: Bob}}",
  message: "message: {replace: {find: a, with: b}}",
  delay: "delay: 1",
  throttle: "throttle: {down: 1MB, up: 1MB}",
  "abort close": "abort: close",
  "abort reset": "abort: reset",
  pass: "pass: true",
  pause: "pause: true",
  tag: "tag: [one, two]",
  "skip-recording": "skip-recording: true",
  redact: "redact: {headers: [x-gone], json: [/user], query: [gone]}",
  "redact secrets": "redact: true",
};
/** With the match `~c 2xx | ~c 304` a rule acts on the response. */
const LATE = ["respond text", "set-response json", "abort reset", "tag", "delay", "redact", "skip-recording"];

const DOCUMENT = '{"user":"Alice", "gone":1.0, "token":"corr3ct-h0rse-battery-57aple"}';
const FORM = "user=Alice&gone=1&password=corr3ct-h0rse-battery";
const PROTOCOLS = ["http", "https", "h2"] as const;
type Protocol = (typeof PROTOCOLS)[number];

interface Kind {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly coding?: string;
  readonly status?: number;
}
const JSON_TYPE = { "content-type": "application/json" };
const KINDS: Readonly<Record<string, Kind>> = {
  get: { method: "GET" },
  json: { method: "POST", headers: JSON_TYPE, body: DOCUMENT },
  form: { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: FORM },
  gzip: { method: "POST", headers: JSON_TYPE, body: DOCUMENT, coding: "gzip" },
  br: { method: "POST", headers: JSON_TYPE, body: DOCUMENT, coding: "br" },
  zstd: { method: "POST", headers: JSON_TYPE, body: DOCUMENT, coding: "zstd" },
  chunked: { method: "POST", headers: { ...JSON_TYPE, "transfer-encoding": "chunked" }, body: DOCUMENT },
  head: { method: "HEAD" },
  "not modified": { method: "GET", status: 304 },
};

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Fields;
  readonly body: string;
}
interface Got {
  readonly status: number;
  readonly headers: Fields;
  readonly body: string;
}
type Fields = readonly string[];

const atOrigin = new Map<string, Seen>();
const origins = new Map<Protocol, Origin>();
const bodies = new Map<string, Buffer>();
let plain: TestRecording;
let close: () => Promise<void>;

beforeAll(async () => {
  const authority = await originAuthority();
  for (const [name, { body = "", coding }] of Object.entries(KINDS)) {
    bodies.set(
      name,
      coding === undefined ? Buffer.from(body) : await encodeContent(Buffer.from(body), [coding]),
    );
  }
  const answer = (
    request: http.IncomingMessage | http2.Http2ServerRequest,
    response: http.ServerResponse,
  ): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const name = String(request.headers["x-case"]).split(",")[0] ?? "";
      const kind = KINDS[name.split(" in ")[0] ?? ""];
      atOrigin.set(name, {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: fieldsOf(pairs(request.rawHeaders)),
        body: Buffer.concat(chunks).toString("latin1"),
      });
      const { coding, status = 200 } = kind ?? {};
      const content =
        coding === undefined ? Buffer.from(DOCUMENT) : (bodies.get(name.split(" in ")[0] ?? "") ?? "");
      response.writeHead(status, {
        ...JSON_TYPE,
        etag: '"1"',
        "x-gone": "Alice-of-the-origin-1",
        ...(coding === undefined ? {} : { "content-encoding": coding }),
        ...(status === 304 || name.startsWith("chunked") ? {} : { "content-length": content.length }),
      });
      response.end(request.method === "HEAD" || status === 304 ? undefined : content);
    });
  };
  const listen = answer as unknown as http.RequestListener;
  origins.set("http", await httpOrigin(listen));
  origins.set("https", await httpsOrigin(authority, listen));
  origins.set(
    "h2",
    await http2Origin(authority, undefined, answer as unknown as Parameters<typeof http2Origin>[2]),
  );
  plain = await testRecording({ tls: { upstreamCa: authority.caPath } });
  await allThrough(plain);
  await plain.stop();
  close = async () => {
    for (const origin of origins.values()) await origin.close();
    await plain.remove();
    await authority.remove();
  };
  upstreamCa = authority.caPath;
}, 60_000);
afterAll(() => close());
let upstreamCa = "";

test.each([
  ...Object.keys(RULES).map((name) => [name, "~all"] as const),
  ...LATE.map((name) => [name, "~c 2xx | ~c 304"] as const),
])(
  "%s, match %s",
  async (name, match) => {
    const file = await ruleFile(RULES[name] ?? "", match);
    atOrigin.clear();
    const live = await testRecording({
      tls: { upstreamCa },
      rules: { files: [file], interceptTimeoutMs: 1 },
    });
    try {
      const got = await allThrough(live);
      await live.stop();
      const recorded = await exchangesOf(live.session.path);
      const into = `applied-${applications++}`;
      const { session } = await applyRules({
        home: plain.home,
        files: [file],
        words: [plain.session.id],
        into,
      });
      const applied = await exchangesOf(session?.path ?? "");
      const found: string[] = [];
      for (const [at, each] of names().entries()) {
        const actual = { origin: atOrigin.get(each), client: got.get(each), isRecorded: recorded.has(each) };
        found.push(
          ...differences(`test: ${each}`, await prediction(file, at + 1), actual),
          ...differences(`apply: ${each}`, applied.get(each), recorded.get(each)),
          ...differences(`described: ${each}`, ...(await asDescribed(file, at + 1))),
        );
      }
      expect(found).toEqual([]);
    } finally {
      await live.remove();
    }
  },
  60_000,
);

let applications = 0;

/** Where two values differ, each as `path: said, was`. */
function differences(path: string, said: unknown, was: unknown): string[] {
  if (isObject(said) && isObject(was)) {
    const keys = new Set([...Object.keys(said), ...Object.keys(was)]);
    return [...keys].flatMap((key) => differences(`${path} ${key}`, said[key], was[key]));
  }
  const [one, other] = [said, was].map((value) => JSON.stringify(value)?.slice(0, 200) ?? "nothing");
  return one === other ? [] : [`${path}: said ${one}, was ${other}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function ruleFile(action: string, match: string): Promise<string> {
  const folder = tempFolder();
  await mkdir(join(folder, "served"));
  await writeFile(join(folder, "served", "a.bin"), "a file's content");
  await writeFile(join(folder, "served", "json"), '{"user":"Alice of the file"}');
  await writeFile(join(folder, "served", "get"), "Alice of the file");
  const file = join(folder, "rules.yaml");
  await writeFile(file, `rules: [{name: r, match: '${match}', actions: [{${action}}]}]`);
  return file;
}

function names(): string[] {
  return PROTOCOLS.flatMap((protocol) => Object.keys(KINDS).map((kind) => `${kind} in ${protocol}`));
}

/** What `rules test` says that the origin and the client will see. */
async function prediction(
  file: string,
  seq: number,
): Promise<{ origin: Seen | undefined; client: Got | undefined; isRecorded: boolean }> {
  const on = { session: plain.session.id, exchange: String(seq) };
  const { effect } = await testRules({ home: plain.home, files: [file], on });
  const exchange = (await recordedExchanges(plain.session.path)).find((each) => each.seq === seq);
  if (exchange?.kind !== "http" || exchange.response === undefined) throw new Error(`no exchange ${seq}`);
  const { request, response } = exchange;
  const sent = effect.request;
  const url = new URL(sent?.url ?? request.url);
  const origin: Seen | undefined =
    sent === undefined
      ? undefined
      : {
          method: sent.method ?? request.method,
          path: url.pathname + url.search,
          headers: fieldsOf(sent.headers ?? request.headers),
          body: (sent.body ?? (await bodyBytes(plain.session.path, request.body))).toString("latin1"),
        };
  const isRecorded = effect.recorded;
  if (effect.abort !== undefined || effect.response === undefined)
    return { origin, client: undefined, isRecorded };
  const { status = response.status, headers = response.headers, body } = effect.response;
  const file_ = body === undefined || Buffer.isBuffer(body) ? body : await body.bytes(1_000_000);
  const content =
    file_ ?? (sent === undefined ? Buffer.alloc(0) : await bodyBytes(plain.session.path, response.body));
  return {
    origin,
    client: { status, headers: fieldsOf(headers), body: content.toString("latin1") },
    isRecorded,
  };
}

/** What `rules test` says of the request alone, described with flags, and of the recorded one. */
async function asDescribed(file: string, seq: number): Promise<readonly [said: unknown, was: unknown]> {
  const exchange = (await recordedExchanges(plain.session.path)).find((each) => each.seq === seq);
  if (exchange === undefined) throw new Error(`no exchange ${seq}`);
  // One that is described is HTTP/1.1.
  if (exchange.request.httpVersion !== "HTTP/1.1") return [undefined, undefined];
  const { method, url, headers } = exchange.request;
  const body = join(tempFolder(), "body");
  await writeFile(body, await bodyBytes(plain.session.path, exchange.request.body));
  const request = { method, url, headers: headers.map((field) => field.join(": ")), body: `@${body}` };
  const input = { home: plain.home, files: [file] };
  const described = await testRules({ ...input, on: request });
  const recorded = await testRules({ ...input, on: { session: plain.session.id, exchange: String(seq) } });
  const view = ({ effect }: typeof described): unknown => ({
    ...effect.request,
    headers:
      effect.request?.headers &&
      fieldsOf(effect.request.headers).filter((field) => !/^content-length/.test(field)),
    body: effect.request?.body?.toString("latin1"),
    pauses: effect.pauses.filter((at) => at === "request"),
    // Told by the response.
    ...(described.acting.length === recorded.acting.length
      ? { tags: effect.tags, recorded: effect.recorded }
      : {}),
  });
  return [view(described), view(recorded)];
}

/** Everything of them that is not of its moment or of its connection. */
async function exchangesOf(folder: string): Promise<Map<string, object>> {
  const found = new Map<string, object>();
  for (const exchange of await recordedExchanges(folder)) {
    const { kind, request, forwarded, rules, tags, error } = exchange;
    const response = exchange.kind === "http" ? exchange.response : undefined;
    const content = async (body: Exchange["request"]["body"]): Promise<object> => ({
      kind: body.kind,
      decoded: body.decoded,
      size: body.size,
      bytes: (await bodyBytes(folder, body)).toString("latin1"),
    });
    const name = request.headers.find(([field]) => field.toLowerCase() === "x-case")?.[1] ?? "";
    found.set(name, {
      kind,
      request: {
        method: request.method,
        url: request.url,
        headers: fieldsOf(request.headers),
        ...(await content(request.body)),
      },
      forwarded: forwarded && { ...forwarded, headers: fieldsOf(forwarded.headers) },
      response: response && {
        status: response.status,
        reason: response.reason,
        version: response.httpVersion,
        headers: fieldsOf(response.headers),
        ...(await content(response.body)),
      },
      rules,
      tags,
      error: error?.code,
    });
  }
  return found;
}

async function recordedExchanges(folder: string): Promise<Exchange[]> {
  const lines = (await readFile(join(folder, "exchanges.jsonl"), "utf8"))
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "exchange");
}

/** One after the other, so that their numbers are known. */
async function allThrough(recording: TestRecording): Promise<Map<string, Got | undefined>> {
  const got = new Map<string, Got | undefined>();
  for (const name of names()) {
    const [kind = "", protocol] = name.split(" in ");
    got.set(name, await through(recording, protocol as Protocol, name, kind).catch(() => undefined));
  }
  return got;
}

async function through(
  recording: TestRecording,
  protocol: Protocol,
  name: string,
  kind: string,
): Promise<Got> {
  const { method, headers: given = {}, coding } = KINDS[kind]!;
  const body = bodies.get(kind) ?? Buffer.alloc(0);
  const { "transfer-encoding": chunked, ...rest } = given;
  const headers = {
    "x-case": name,
    "user-agent": "test",
    "x-gone": "Alice-of-the-client-1",
    ...rest,
    ...(coding === undefined ? {} : { "content-encoding": coding }),
  };
  const { port } = origins.get(protocol)!;
  const path = `/case/${kind.replace(" ", "-")}?gone=1234&q=0`;
  if (protocol === "h2") {
    const session = await http2Through(recording, port);
    try {
      const fields = { ":method": method, ":path": path, ...headers };
      const length = chunked === undefined && body.length > 0 ? { "content-length": body.length } : {};
      const answer = await ask(session, { ...fields, ...length }, body.length === 0 ? undefined : body);
      const { ":status": status, ...others } = answer.headers;
      const received = Object.entries(others).flatMap(([field, value]) =>
        [value].flat().map((one) => [field, String(one)] as const),
      );
      return { status: Number(status), headers: fieldsOf(received), body: answer.body.toString("latin1") };
    } finally {
      session.close();
    }
  }
  const length = chunked === undefined && body.length > 0 ? { "content-length": String(body.length) } : {};
  const framed = {
    ...headers,
    ...length,
    ...(chunked === undefined ? {} : { "transfer-encoding": "chunked" }),
  };
  if (protocol === "http") {
    const options = {
      host: "127.0.0.1",
      port: recording.port,
      path: `http://localhost:${port}${path}`,
      agent: false,
    };
    return await answered(
      http.request({ ...options, method, headers: { host: `localhost:${port}`, ...framed } }),
      body,
    );
  }
  const socket = await secureThrough(recording.port, `localhost:${port}`, {
    ca: recording.ca.certPem,
    servername: "localhost",
    ALPNProtocols: ["http/1.1"],
  });
  const options = { host: "localhost", port, path, createConnection: () => socket };
  return await answered(http.request({ ...options, method, headers: framed }), body);
}

function answered(request: http.ClientRequest, body: Buffer): Promise<Got> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: fieldsOf(pairs(response.rawHeaders)),
          body: Buffer.concat(chunks).toString("latin1"),
        }),
      );
    });
    request.end(body.length === 0 ? undefined : body);
  });
}

function pairs(raw: readonly string[]): RawHeaders {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""] as const] : []));
}

/** Of the connection, or of the moment. */
const NOT_COMPARED = /^(?::|(?:connection|keep-alive|date|transfer-encoding|host)$)/i;

/** Node joins what came of one name over HTTP/2. */
function fieldsOf(headers: RawHeaders): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (NOT_COMPARED.test(name)) continue;
    const before = fields.get(lower);
    fields.set(lower, before === undefined ? value : `${before}, ${value}`);
  }
  return [...fields].map(([name, value]) => `${name}: ${value}`).sort();
}
