// Recorded requests sent again: to real origins, byte for byte, and what is refused.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Exchange } from "../../src/exchange/exchange.js";
import {
  type ReplayInput,
  type ReplayOutcome,
  type ReplayResult,
  replay,
} from "../../src/operations/replay.js";
import { type RecordedAs, recordedSession } from "../replay/support.js";
import { logText, readFinished, tempFolder } from "../session/support.js";
import { makeSession } from "../support/made-session.js";
import { http2Origin, httpOrigin, httpsOrigin, rawOrigin } from "../support/origin.js";
import { world } from "../support/world.js";

const { authority, opened } = world();

interface Replayed {
  readonly home: string;
  readonly results: ReplayResult[];
  readonly outcome: ReplayOutcome;
  /** Of the new session. */
  readonly exchanges: Exchange[];
}

async function replayed(
  recorded: Iterable<RecordedAs>,
  options: Partial<ReplayInput> = {},
): Promise<Replayed> {
  const home = tempFolder();
  await recordedSession(home, "old", recorded);
  const results: ReplayResult[] = [];
  const outcome = await replay({
    home,
    words: ["old"],
    execute: true,
    into: "new",
    ...options,
    onResult: (result, done, expected) => {
      results.push(result);
      return options.onResult?.(result, done, expected);
    },
  });
  const exchanges = outcome.session === null ? [] : await readFinished(outcome.session.path);
  return { home, results, outcome, exchanges };
}

/** An origin that keeps what it is sent, and answers each request of a connection. */
async function rawRecorder(answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") {
  const heard: Buffer[] = [];
  const origin = await opened(
    rawOrigin((socket) => {
      socket.on("data", (data) => {
        heard.push(data);
        if (Buffer.concat(heard).includes("END")) socket.end(answer);
      });
    }),
  );
  return { origin, heard: () => Buffer.concat(heard).toString("latin1") };
}

describe("the wire", () => {
  test("has the recorded head with its case, order and duplicates, and the very body", async () => {
    const { origin, heard } = await rawRecorder();
    const body = Buffer.concat([Buffer.from([0, 255, 128, 13, 10]), Buffer.from("END")]);
    const host = `127.0.0.1:${origin.port}`;
    const { results, exchanges, outcome } = await replayed([
      {
        method: "POST",
        url: `http://${host}/a/../b?x=%7e&&y`,
        headers: [
          ["hOST", host],
          ["X-Twice", "1"],
          ["x-twice", "caf\u00e9"],
          ["content-LENGTH", String(body.length)],
        ],
        body,
      },
    ]);
    expect(heard()).toBe(
      `POST /a/../b?x=%7e&&y HTTP/1.1\r\nhOST: ${host}\r\nX-Twice: 1\r\nx-twice: caf\u00e9\r\n` +
        `content-LENGTH: ${body.length}\r\n\r\n${body.toString("latin1")}`,
    );
    expect(results).toMatchObject([{ outcome: "answered", status: 200, recorded: { status: 200 } }]);
    expect(outcome.counts).toEqual({ planned: 0, answered: 1, failed: 0, refused: 0, skipped: 0 });
    const [sent] = exchanges;
    expect(sent).toMatchObject({
      kind: "http",
      id: results[0]!.id,
      replays: results[0]!.replays,
      request: { method: "POST", url: `http://${host}/a/../b?x=%7e&&y`, body: { size: body.length } },
      response: { status: 200, body: { kind: "text", text: "ok" } },
      server: { port: origin.port },
    });
    expect(sent).not.toHaveProperty("client");
  });

  test("keeps chunked bodies chunked, with their trailers", async () => {
    const { origin, heard } = await rawRecorder();
    await replayed([
      {
        method: "PUT",
        url: `http://127.0.0.1:${origin.port}/`,
        headers: [
          ["Host", "h"],
          ["Transfer-Encoding", "chunked"],
        ],
        body: "hello END",
        trailers: [["X-Sum", "1"]],
      },
    ]);
    expect(heard()).toBe(
      "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello END\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
  });

  test("speaks HTTP/1.0 where that was recorded, and a request to the proxy's port loses what was for the proxy", async () => {
    const { origin, heard } = await rawRecorder("HTTP/1.0 200 OK\r\n\r\nok");
    const home = tempFolder();
    await recordedSession(home, "old", [
      {
        url: `http://127.0.0.1:${origin.port}/END`,
        version: "HTTP/1.0",
        headers: [["Accept", "*/*"]],
      },
    ]);
    const results: ReplayResult[] = [];
    await replay({ home, words: ["old"], execute: true, onResult: (each) => void results.push(each) });
    expect(heard()).toBe("GET /END HTTP/1.0\r\nAccept: */*\r\n\r\n");
    expect(results).toMatchObject([{ outcome: "answered", httpVersion: "HTTP/1.0" }]);
  });

  test("a length that was wrong in an imported file is put right", async () => {
    const { origin, heard } = await rawRecorder();
    await replayed([
      {
        method: "POST",
        url: `http://127.0.0.1:${origin.port}/`,
        headers: [
          ["Host", "h"],
          ["Content-Length", "900"],
        ],
        body: "END",
      },
    ]);
    expect(heard()).toContain("Content-Length: 3\r\n");
  });

  test("a body of 3 MB arrives byte for byte, and so does what comes back", async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, "0123456789abcdef!");
    const origin = await opened(httpOrigin((request, response) => request.pipe(response)));
    const { exchanges, outcome, home } = await replayed(
      [
        {
          method: "POST",
          url: `http://127.0.0.1:${origin.port}/`,
          headers: [
            ["Host", "h"],
            ["Content-Length", String(body.length)],
          ],
          body,
          response: body,
        },
      ],
      { compare: {} },
    );
    expect(outcome.different).toBe(1); // the headers
    expect(home).toBeTruthy();
    const [sent] = exchanges;
    if (sent?.kind !== "http" || sent.response?.body.kind !== "file") throw new Error("no file");
    const stored = await readFile(`${outcome.session!.path}/${sent.response.body.file}`);
    expect(stored.equals(body)).toBe(true);
  });
});

describe("TLS and HTTP/2", () => {
  const tls = (): { tls: { upstreamCa: string } } => ({ tls: { upstreamCa: authority.caPath } });

  test("HTTP/2 as recorded, pseudo-fields and all, on one connection", async () => {
    const heard: string[][] = [];
    const origin = await opened(
      http2Origin(authority, (stream, _headers, _flags, raw) => {
        heard.push(raw);
        stream.respond({ ":status": 201, "x-answer": "1" });
        stream.pipe(stream);
      }),
    );
    const url = `https://127.0.0.1:${origin.port}/things?a=1`;
    const authorityField = "api.test";
    const one: RecordedAs = {
      method: "POST",
      url,
      version: "HTTP/2.0",
      authority: authorityField,
      headers: [
        ["accept", "*/*"],
        ["cookie", "a=1; b=2"],
        ["content-length", "4"],
      ],
      body: "body",
    };
    const { results, exchanges } = await replayed([one, one], tls());
    expect(heard[0]).toEqual([
      ":method", "POST", ":authority", "api.test", ":scheme", "https", ":path", "/things?a=1",
      "accept", "*/*", "cookie", "a=1; b=2", "content-length", "4",
    ]); // biome-ignore format: pairs
    expect(results).toMatchObject([{ status: 201, httpVersion: "HTTP/2.0" }, { status: 201 }]);
    expect(exchanges).toMatchObject([
      { request: { httpVersion: "HTTP/2.0", authority: "api.test" }, response: { httpVersion: "HTTP/2.0" } },
      { server: { reused: true }, response: { body: { text: "body" } } },
    ]);
    expect(origin.connections()).toBe(1);
  });

  test("a large body passes within the windows of HTTP/2, both ways", async () => {
    const origin = await opened(
      http2Origin(authority, (stream) => {
        stream.respond({ ":status": 200 });
        stream.pipe(stream);
      }),
    );
    const body = Buffer.alloc(3 * 1024 * 1024, "0123456789abcdef!");
    const { results, exchanges } = await replayed(
      [
        {
          method: "POST",
          url: `https://127.0.0.1:${origin.port}/`,
          version: "HTTP/2.0",
          authority: "h",
          headers: [],
          body,
          response: body,
          responseHeaders: [],
        },
      ],
      { ...tls(), compare: {} },
    );
    expect(results).toMatchObject([{ outcome: "answered", comparison: { same: true } }]);
    expect(exchanges).toMatchObject([
      { request: { body: { size: body.length } }, response: { body: { size: body.length } } },
    ]);
  });

  test("HTTP/2 becomes HTTP/1.1 where the origin speaks nothing else, and is recorded so", async () => {
    const origin = await opened(
      httpsOrigin(authority, (request, response) => response.end(JSON.stringify(request.rawHeaders))),
    );
    const { results, exchanges } = await replayed(
      [
        {
          url: `https://127.0.0.1:${origin.port}/x`,
          version: "HTTP/2.0",
          authority: "api.test",
          headers: [["accept", "*/*"]],
        },
      ],
      tls(),
    );
    expect(results).toMatchObject([{ outcome: "answered", httpVersion: "HTTP/1.1" }]);
    expect(exchanges).toMatchObject([
      {
        request: { httpVersion: "HTTP/1.1" },
        response: { body: { text: '["Host","api.test","accept","*/*"]' } },
      },
    ]);
  });

  test("HTTP/1.1 stays HTTP/1.1 with an origin that speaks both", async () => {
    const origin = await opened(
      http2Origin(authority, undefined, (request, response) => response.end(request.httpVersion)),
    );
    const { exchanges } = await replayed([{ url: `https://127.0.0.1:${origin.port}/` }], tls());
    expect(exchanges).toMatchObject([{ response: { httpVersion: "HTTP/1.1", body: { text: "1.1" } } }]);
  });

  test("an untrusted origin is told of, --insecure takes it", async () => {
    const origin = await opened(httpsOrigin(authority, (_request, response) => response.end("ok")));
    const recorded = [{ url: `https://127.0.0.1:${origin.port}/` }];
    const refused = await replayed(recorded);
    expect(refused.results).toMatchObject([{ outcome: "failed", error: { code: "tls-untrusted" } }]);
    const { results } = await replayed(recorded, { tls: { insecure: true } });
    expect(results).toMatchObject([{ outcome: "answered" }]);
  });
});

describe("failures", () => {
  test("a target that refuses is reported for each exchange, and the run goes on", async () => {
    const origin = await opened(httpOrigin((_request, response) => response.end("ok")));
    const closed = await opened(httpOrigin(() => {}));
    const { port } = closed;
    await closed.close();
    const { results, outcome, exchanges } = await replayed([
      { url: `http://127.0.0.1:${port}/1` },
      { url: `http://127.0.0.1:${port}/2` },
      { url: `http://127.0.0.1:${origin.port}/3` },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "answered"]);
    expect(results[0]!.error).toMatchObject({ code: "connect-refused" });
    expect(outcome.counts).toMatchObject({ failed: 2, answered: 1 });
    expect(exchanges.map(({ replays }) => replays)).toEqual(results.map(({ replays }) => replays));
  });

  test("an origin that is silent, or pauses within its response, is a timeout", async () => {
    const origin = await opened(
      httpOrigin((request, response) => {
        if (request.url === "/half") response.write("half");
      }),
    );
    const { results, exchanges } = await replayed(
      [{ url: `http://127.0.0.1:${origin.port}/never` }, { url: `http://127.0.0.1:${origin.port}/half` }],
      { timeoutMs: 50 },
    );
    expect(results).toMatchObject([
      { outcome: "failed", error: { code: "timeout" }, status: null },
      { outcome: "failed", error: { code: "timeout" }, status: 200 },
    ]);
    expect(exchanges[1]).toMatchObject({ response: { body: { text: "half", truncated: "aborted" } } });
  });

  test("an origin that switches protocols fails, and the run goes on", async () => {
    const origin = await opened(
      rawOrigin((socket) => {
        socket.once("data", () => {
          socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nmore");
        });
      }),
    );
    const other = await opened(httpOrigin((_request, response) => response.end("ok")));
    const { results } = await replayed([
      {
        url: `http://127.0.0.1:${origin.port}/`,
        headers: [
          ["Host", "h"],
          ["Upgrade", "h2c"],
        ],
      },
      { url: `http://127.0.0.1:${other.port}/` },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "answered"]);
    expect(results[0]!.error?.message).toMatch(/switched protocols/);
  });

  test("a signal ends it with what was done", async () => {
    const controller = new AbortController();
    const origin = await opened(
      httpOrigin((request, response) => {
        if (request.url === "/1") response.end("ok");
        else controller.abort();
      }),
    );
    const urls = ["1", "2", "3"].map((path) => ({ url: `http://127.0.0.1:${origin.port}/${path}` }));
    const { outcome, results, exchanges } = await replayed(urls, { signal: controller.signal });
    expect(outcome.interrupted).toBe(true);
    expect(results).toMatchObject([
      { outcome: "answered" },
      { outcome: "failed", error: { code: "stopped" } },
    ]);
    expect(exchanges).toHaveLength(2);
  });
});

describe("what is refused", () => {
  const there = "http://127.0.0.1:9/";
  test.each<[string, RecordedAs, RegExp]>([
    [
      "a truncated body",
      { url: there, body: "part", bodyFields: { truncated: "max-body", size: 100 } },
      /in part/,
    ],
    ["a body that was not kept", { url: there, body: "gone", omitted: true }, /--no-bodies/],
    [
      "an imported body without its coding",
      { url: there, headers: [["Content-Encoding", "br"]], body: "x", bodyFields: { decoded: "content" } },
      /content coding/,
    ],
    [
      "an imported text of another charset",
      {
        url: there,
        headers: [["Content-Type", "text/plain; charset=shift_jis"]],
        body: "x",
        bodyFields: { decoded: "text" },
      },
      /shift_jis/,
    ],
    ["what is no HTTP", { url: "ftp://files.test/x" }, /no http or https URL/],
    ["a malformed field", { url: there, headers: [["Bad Name", "x"]] }, /header name/],
    ["a field with a line break", { url: there, headers: [["X", "a\r\nY: b"]] }, /line break/],
    [
      "two Hosts",
      {
        url: there,
        headers: [
          ["Host", "a"],
          ["Host", "b"],
        ],
      },
      /more than one Host/,
    ],
    ["an unsafe method elsewhere", { url: "http://api.test/", method: "DELETE" }, /--unsafe/],
    ["a method of no registry elsewhere", { url: "http://api.test/", method: "FROB" }, /--unsafe/],
  ])("%s", async (_name, recorded, reason) => {
    const { results, outcome } = await replayed([recorded]);
    expect(results).toMatchObject([{ outcome: "refused", id: null, error: null }]);
    expect(results[0]!.reason).toMatch(reason);
    expect(outcome.counts).toMatchObject({ refused: 1 });
  });

  test("--unsafe is not asked for where the target is this machine", async () => {
    const origin = await opened(httpOrigin((request, response) => response.end(request.method)));
    const { results } = await replayed([{ url: "https://api.test/", method: "DELETE" }], {
      target: `http://localhost:${origin.port}`,
    });
    expect(results).toMatchObject([{ outcome: "answered" }]);
  });

  test("WebSockets are skipped", async () => {
    const home = tempFolder();
    await makeSession(home, "made");
    const results: ReplayResult[] = [];
    const outcome = await replay({
      home,
      words: ["made"],
      filter: "~websocket",
      execute: false,
      onResult: (each) => void results.push(each),
    });
    expect(results).toMatchObject([{ outcome: "skipped" }]);
    expect(outcome.counts).toMatchObject({ skipped: 1 });
  });

  test.each<[string, Partial<ReplayInput>, string]>([
    ["a target with a path", { target: "http://localhost:1/api" }, "BAD_OPTION"],
    ["a target that is no URL", { target: "localhost:3000" }, "BAD_OPTION"],
    ["no exchange", { filter: "~m PATCH" }, "EXCHANGE_NOT_FOUND"],
    ["an id of nothing", { id: "77" }, "EXCHANGE_NOT_FOUND"],
    ["an ignored place that is no pointer", { compare: { ignore: ["a.b"] } }, "BAD_OPTION"],
    ["a session that exists", { into: "old" }, "SESSION_EXISTS"],
  ])("%s ends it before anything is sent", async (_name, options, code) => {
    await expect(replayed([{ url: there }], options)).rejects.toMatchObject({ code });
  });
});

describe("choosing and pacing", () => {
  test("a dry run makes no session and no connection", async () => {
    const origin = await opened(httpOrigin(() => {}));
    const { results, outcome } = await replayed([{ url: `http://127.0.0.1:${origin.port}/` }], {
      execute: false,
    });
    expect(results).toMatchObject([{ outcome: "planned", id: null, status: null }]);
    expect(outcome).toMatchObject({ session: null, counts: { planned: 1 } });
    expect(origin.connections()).toBe(0);
  });

  test("100 requests unless another limit is given; the rest is counted", async () => {
    const recorded = Array.from({ length: 130 }, (_, at) => ({ url: `http://127.0.0.1:9/${at}` }));
    const { outcome, results } = await replayed(recorded, { execute: false });
    expect(outcome).toMatchObject({ chosen: 130, taken: 100 });
    expect(results.at(-1)!.url).toBe("http://127.0.0.1:9/99");
    expect((await replayed(recorded, { execute: false, limit: 3 })).results).toHaveLength(3);
  });

  test("in order one after another, side by side, and again and again", async () => {
    let open = 0;
    let most = 0;
    const heard: string[] = [];
    const origin = await opened(
      httpOrigin((request, response) => {
        heard.push(request.url ?? "");
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          response.end("ok");
        });
      }),
    );
    const recorded = Array.from({ length: 6 }, (_, at) => ({ url: `http://127.0.0.1:${origin.port}/${at}` }));
    await replayed(recorded);
    expect(heard).toEqual(["/0", "/1", "/2", "/3", "/4", "/5"]);
    expect(most).toBe(1);
    const { outcome } = await replayed(recorded, { concurrency: 3, repeat: 2 });
    expect(outcome.counts.answered).toBe(12);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  test("--target keeps path and query, and Host follows", async () => {
    const { origin, heard } = await rawRecorder();
    const { results } = await replayed(
      [{ url: "https://api.test/v1/END?q=%20a", headers: [["hOst", "api.test"]] }],
      { target: `http://localhost:${origin.port}` },
    );
    expect(heard()).toBe(`GET /v1/END?q=%20a HTTP/1.1\r\nhOst: localhost:${origin.port}\r\n\r\n`);
    expect(results[0]!.url).toBe(`http://localhost:${origin.port}/v1/END?q=%20a`);
  });
});

describe("changes", () => {
  async function heardWith(recorded: Partial<RecordedAs>, edits: ReplayInput["edits"]): Promise<string> {
    const { origin, heard } = await rawRecorder();
    const url = `http://127.0.0.1:${origin.port}/`;
    const { results } = await replayed([{ url, headers: [["Host", "h"]], ...recorded }], {
      ...(edits === undefined
        ? {}
        : { edits: { ...edits, setHeaders: [...(edits.setHeaders ?? []), ["X-Last", "END"]] } }),
    });
    expect(results[0]).toMatchObject({ reason: null });
    return heard();
  }

  test("fields are set in their place, removed, and spoken in UTF-8", async () => {
    const headers = [
      ["Host", "h"],
      ["A", "1"],
      ["B", "2"],
      ["a", "3"],
      ["C", "4"],
    ] as const;
    expect(
      await heardWith({ headers }, { setHeaders: [["a", "gr\u00fc\u00df"]], removeHeaders: ["c"] }),
    ).toBe(
      `GET / HTTP/1.1\r\nHost: h\r\nA: ${Buffer.from("gr\u00fc\u00df").toString("latin1")}\r\nB: 2\r\nX-Last: END\r\n\r\n`,
    );
  });

  test("method and body", async () => {
    const headers = [
      ["Host", "h"],
      ["Content-Encoding", "gzip"],
      ["Content-Length", "3"],
    ] as const;
    expect(
      await heardWith(
        { headers, body: "zip", bodyFields: { truncated: "max-body" } },
        { method: "PUT", body: Buffer.from("other") },
      ),
    ).toBe("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Last: END\r\n\r\nother");
  });

  test("a place in a JSON body, whose coding stays", async () => {
    const { origin } = await rawRecorder();
    const body = gzipSync('{"user":{"name":"Ada"},"n":12345678901234567890}');
    const { exchanges } = await replayed(
      [
        {
          method: "POST",
          url: `http://127.0.0.1:${origin.port}/`,
          headers: [
            ["Host", "h"],
            ["Content-Type", "application/json"],
            ["Content-Encoding", "gzip"],
          ],
          body,
        },
      ],
      {
        edits: {
          jsonSet: [
            ["/user/name", "Grace"],
            ["/list/-", [1]],
          ],
        },
        timeoutMs: 50,
      },
    );
    const { gunzipSync } = await import("node:zlib");
    const sent = exchanges[0]!.request.body;
    if (sent.kind !== "base64") throw new Error(`unexpected ${sent.kind}`);
    expect(gunzipSync(Buffer.from(sent.base64, "base64")).toString()).toBe(
      '{"user":{"name":"Grace"},"n":12345678901234567890,"list":[[1]]}',
    );
  });

  test.each<[string, string, RegExp]>([
    ["what is no JSON", "name=Ada", /no JSON/],
    ["a place that is not there", '{"a":[]}', /no place/],
  ])("a place of %s is refused", async (_name, body, reason) => {
    const { results } = await replayed([{ url: "http://127.0.0.1:9/", method: "POST", body }], {
      edits: { jsonSet: [["/a/b/c", 1]] },
    });
    expect(results[0]).toMatchObject({ outcome: "refused" });
    expect(results[0]!.reason).toMatch(reason);
  });

  test("another URL, with what a person writes in one", async () => {
    const { origin, heard } = await rawRecorder();
    await replayed([{ url: "http://old.test/" }], {
      edits: { url: `http://127.0.0.1:${origin.port}/a b/\u00fc?q=END#top` },
    });
    expect(heard()).toBe(`GET /a%20b/%C3%BC?q=END HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\n\r\n`);
  });
});

describe("cookies and comparison", () => {
  test("follow takes the cookies that responses set; recorded leaves them", async () => {
    const heard: (string | undefined)[] = [];
    const origin = await opened(
      httpOrigin((request, response) => {
        heard.push(request.headers.cookie);
        if (request.url === "/login")
          response.setHeader("Set-Cookie", ["sid=new; Path=/", "gone=; Max-Age=0; Path=/"]);
        response.end("ok");
      }),
    );
    const base = `http://127.0.0.1:${origin.port}`;
    const headers = [
      ["Host", "h"],
      ["Cookie", "a=1; sid=old; gone=x"],
    ] as const;
    const recorded = [
      { url: `${base}/login`, headers },
      { url: `${base}/next`, headers },
    ];
    await replayed(recorded, { cookies: "follow" });
    expect(heard).toEqual(["a=1; sid=old; gone=x", "a=1; sid=new"]);
    heard.length = 0;
    await replayed(recorded);
    expect(heard).toEqual(["a=1; sid=old; gone=x", "a=1; sid=old; gone=x"]);
  });

  test("responses are compared with the recorded ones", async () => {
    const origin = await opened(
      httpOrigin((request, response) => {
        response.setHeader("Content-Type", "application/json");
        response.setHeader("X-New", "1");
        response.statusCode = request.url === "/missing" ? 404 : 200;
        response.end('{"id":1,"at":"now","name":"Grace"}');
      }),
    );
    const base = `http://127.0.0.1:${origin.port}`;
    const responseHeaders = [["Content-Type", "application/json"]] as const;
    const { results, outcome } = await replayed(
      [
        { url: `${base}/same`, responseHeaders, response: '{"name":"Grace","id":1,"at":"then"}' },
        { url: `${base}/missing`, responseHeaders, response: '{"name":"Ada","id":1,"at":"then"}' },
      ],
      { compare: { ignore: ["/at"], ignoreHeaders: ["x-new"] } },
    );
    expect(results[0]!.comparison).toMatchObject({ same: true, status: null, headers: [], body: null });
    expect(results[1]!.comparison).toMatchObject({
      same: false,
      status: { before: 200, after: 404 },
      body: {
        kind: "json",
        differences: [{ pointer: "/name", change: "changed", before: '"Ada"', after: '"Grace"' }],
      },
    });
    expect(outcome.different).toBe(1);
  });

  test("replaying what was recorded gives equal bytes", async () => {
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) % 256));
    const origin = await opened(
      httpOrigin((_request, response) => {
        response.sendDate = false;
        response.setHeader("Content-Type", "application/octet-stream");
        response.end(content);
      }),
    );
    const first = await replayed([{ url: `http://127.0.0.1:${origin.port}/` }]);
    const results: ReplayResult[] = [];
    await replay({
      home: first.home,
      words: ["new"],
      execute: true,
      into: "again",
      compare: {},
      onResult: (each) => void results.push(each),
    });
    expect(results[0]!.comparison).toMatchObject({ same: true });
  });
});

test("the manifest says of what it is a replay, and no secrets", async () => {
  const { outcome } = await replayed([{ url: "http://127.0.0.1:9/" }], {
    target: "http://127.0.0.1:9",
    edits: { setHeaders: [["Authorization", "Bearer geheim"]] },
  });
  const manifest = await readFile(`${outcome.session!.path}/manifest.json`, "utf8");
  expect(JSON.parse(manifest).options).toEqual({ replayed: ["old"], target: "http://127.0.0.1:9" });
  expect(manifest).not.toContain("geheim");
  expect(await logText(outcome.session!.path)).toContain("geheim");
});
