// Against node:http2 (nghttp2) as a real peer, in both roles, over loopback sockets.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { describe, expect, it } from "vitest";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { Http2Code } from "../../../src/proxy/http2/errors.js";
import { attach, Collector, listen, type Received } from "./socket-support.js";

const LARGE = 3_000_000;
const body = randomBytes(LARGE);
const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

async function nodeServer(
  options: http2.ServerOptions,
  onStream: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, raw: string[]) => void,
): Promise<{ port: number; server: http2.Http2Server; [Symbol.asyncDispose](): Promise<void> }> {
  const server = http2.createServer(options);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  const take = (
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    _: number,
    raw: string[],
  ): void => {
    stream.on("error", () => {});
    onStream(stream, headers, raw);
  };
  server.on("stream", take);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    server,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function client(
  port: number,
): Promise<{ collector: Collector; socket: net.Socket; [Symbol.dispose](): void }> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  const collector = new Collector();
  collector.connection = attach(socket, "client", collector);
  return { collector, socket, [Symbol.dispose]: () => socket.destroy() };
}

function request(method: string, path: string, ...more: RawHeaders): RawHeaders {
  return [[":method", method], [":scheme", "http"], [":authority", "127.0.0.1"], [":path", path], ...more];
}

/** Sends a request, waiting for windows. @returns what came, once the stream is over */
function exchange(
  collector: Collector,
  headers: RawHeaders,
  pieces: Buffer[],
  trailers: RawHeaders = [],
): Promise<Received> {
  const { connection } = collector;
  const stream = connection.openStream(headers, pieces.length === 0)!;
  const before = collector.onOver;
  const over = new Promise<Received>((resolve) => {
    collector.onOver = (id, message) => (id === stream ? resolve(message) : before(id, message));
  });
  const send = (): void => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      const last = pieces.length === 0;
      const free = connection.sendData(stream, piece, last && trailers.length === 0);
      if (last && trailers.length > 0) connection.sendTrailers(stream, trailers);
      if (!free && !last) {
        collector.writable.set(stream, send);
        return;
      }
    }
  };
  send();
  return over;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe("our client and node's server", () => {
  it("exchange 100 streams at once, with bodies of all sizes", async () => {
    await using server = await nodeServer({}, (stream) => {
      stream.respond({ ":status": 200, "x-echo": "1" });
      stream.pipe(stream);
    });
    using ours = await client(server.port);
    const sizes = Array.from({ length: 100 }, (_, index) => (index * 1237) % 100_000);
    const results = await Promise.all(
      sizes.map((size) =>
        exchange(ours.collector, request("POST", `/${size}`), cut(body.subarray(0, size), 5000)),
      ),
    );
    for (const [index, result] of results.entries()) {
      expect(digest(Buffer.concat(result.body))).toBe(digest(body.subarray(0, sizes[index])));
      expect(result.heads[0]).toContainEqual(["x-echo", "1"]);
    }
    expect(ours.collector.connection.openStreams).toBe(0);
  });

  it.each([1000, 65_536, LARGE])("pass a large body both ways in pieces of %i", async (size) => {
    await using server = await nodeServer({ settings: { initialWindowSize: 20_000 } }, (stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    using ours = await client(server.port);
    const result = await exchange(ours.collector, request("PUT", "/"), cut(body, size));
    expect(digest(Buffer.concat(result.body))).toBe(digest(body));
  });

  it("pass fields as they are, 1xx, trailers of both", async () => {
    let raw: string[] = [];
    let trailersOfClient: http2.IncomingHttpHeaders = {};
    await using server = await nodeServer({}, (stream, _headers, rawHeaders) => {
      raw = rawHeaders;
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      stream.on("trailers", (trailers: http2.IncomingHttpHeaders) => {
        trailersOfClient = trailers;
        stream.respond(
          {
            ":status": 200,
            "set-cookie": ["a=1", "b=2"],
            "x-secret": "s",
            [http2.sensitiveHeaders]: ["x-secret"],
          },
          { waitForTrailers: true },
        );
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end("ok");
      });
      stream.resume();
    });
    using ours = await client(server.port);
    const fields: RawHeaders = [
      ["x", "1"],
      ["cookie", "a=1"],
      ["cookie", "b=2"],
      ["x", "2"],
      ["y", "caf\u00e9"],
      ["z", ""],
    ];
    const result = await exchange(
      ours.collector,
      request("POST", "//a?%zz|{}", ...fields),
      [Buffer.from("x")],
      [["t", "2"]],
    );
    expect(raw).toEqual(request("POST", "//a?%zz|{}", ...fields).flat());
    expect(trailersOfClient).toMatchObject({ t: "2" });
    expect(result.heads.map((head) => head[0])).toEqual([
      [":status", "103"],
      [":status", "200"],
    ]);
    expect(result.heads[1]!.filter(([name]) => name === "set-cookie")).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    expect(result.trailers).toEqual([["grpc-status", "0"]]);
  });

  it("pass reset codes both ways, and GOAWAY", async () => {
    const codes: number[] = [];
    await using server = await nodeServer({}, (stream, headers) => {
      stream.on("close", () => codes.push(stream.rstCode));
      if (headers[":path"] === "/reset") stream.close(Http2Code.ENHANCE_YOUR_CALM);
      else if (headers[":path"] === "/goaway")
        stream.session!.goaway(Http2Code.INADEQUATE_SECURITY, 3, Buffer.from("why"));
      else stream.respond({ ":status": 200 });
    });
    using ours = await client(server.port);
    const { collector } = ours;
    const reset = await exchange(collector, request("GET", "/reset"), []);
    expect(reset.reset).toBe(Http2Code.ENHANCE_YOUR_CALM);
    collector.onHead = (stream) => collector.connection.reset(stream, Http2Code.CANCEL);
    await exchange(collector, request("GET", "/slow"), []);
    await exchange(collector, request("GET", "/reset"), []);
    expect(codes).toContain(Http2Code.CANCEL);
    const left = await exchange(collector, request("GET", "/goaway"), []);
    expect(collector.goaways[0]).toEqual({
      lastStream: 3,
      code: Http2Code.INADEQUATE_SECURITY,
      debugData: "why",
    });
    expect(left.reset).toBe(Http2Code.REFUSED_STREAM);
  });

  it("take padded frames", async () => {
    await using server = await nodeServer(
      { paddingStrategy: http2.constants.PADDING_STRATEGY_MAX },
      (stream) => {
        stream.respond({ ":status": 200 });
        stream.end(body.subarray(0, 500_000));
      },
    );
    using ours = await client(server.port);
    const result = await exchange(ours.collector, request("GET", "/"), []);
    expect(digest(Buffer.concat(result.body))).toBe(digest(body.subarray(0, 500_000)));
  });

  it("keep to a small table, a small header list, few streams", async () => {
    const settings = { headerTableSize: 0, maxConcurrentStreams: 2, initialWindowSize: 100 };
    await using server = await nodeServer({ settings }, (stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    using ours = await client(server.port);
    await exchange(ours.collector, request("GET", "/"), []);
    expect(ours.collector.connection.peerSettings).toMatchObject(settings);
    for (let count = 0; count < 5; count += 1) {
      const results = await Promise.all(
        [1, 2].map(() =>
          exchange(ours.collector, request("POST", "/", ["x-same", "y"]), [body.subarray(0, 1000)]),
        ),
      );
      for (const result of results) expect(Buffer.concat(result.body)).toEqual(body.subarray(0, 1000));
    }
  });
});

function nodeClient(
  port: number,
  options: http2.ClientSessionOptions = {},
): http2.ClientHttp2Session & Disposable {
  const session = http2.connect(`http://127.0.0.1:${port}`, options);
  session.on("error", () => {});
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

interface NodeResult {
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: http2.IncomingHttpHeaders;
  readonly informational: http2.IncomingHttpHeaders[];
  readonly code: number;
}

function nodeRequest(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  payload?: Buffer,
): Promise<NodeResult> {
  return new Promise((resolve) => {
    const stream = session.request(headers, { endStream: payload === undefined });
    const result = {
      headers: {},
      body: [] as Buffer[],
      trailers: {},
      informational: [] as http2.IncomingHttpHeaders[],
    };
    stream.on("headers", (early) => result.informational.push(early));
    stream.on("response", (response) => Object.assign(result.headers, response));
    stream.on("trailers", (trailers) => Object.assign(result.trailers, trailers));
    stream.on("data", (piece: Buffer) => result.body.push(piece));
    stream.on("error", () => {});
    stream.on("close", () => resolve({ ...result, body: Buffer.concat(result.body), code: stream.rstCode }));
    if (payload !== undefined) stream.end(payload);
  });
}

/** Answers each request with its own body and method. */
function echo(collector: Collector): void {
  collector.onMessage = (stream, message) => {
    const { connection } = collector;
    const method = message.heads[0]!.find(([name]) => name === ":method")![1];
    connection.sendHeaders(
      stream,
      [
        [":status", "103"],
        ["x-early", "1"],
      ],
      false,
    );
    connection.sendHeaders(
      stream,
      [
        [":status", "200"],
        ["x-method", method],
        ["set-cookie", "a"],
        ["set-cookie", "b"],
      ],
      false,
    );
    connection.sendData(stream, Buffer.concat(message.body), false);
    connection.sendTrailers(stream, [["x-end", "1"]]);
  };
}

describe("our server and node's client", () => {
  it("exchange 100 streams at once, with 1xx and trailers", async () => {
    await using server = await listen(echo);
    using session = nodeClient(server.port);
    const sizes = Array.from({ length: 100 }, (_, index) => (index * 1237) % 100_000);
    const results = await Promise.all(
      sizes.map((size) => nodeRequest(session, { ":method": "POST" }, body.subarray(0, size))),
    );
    for (const [index, result] of results.entries()) {
      expect(digest(result.body)).toBe(digest(body.subarray(0, sizes[index])));
      expect(result.headers).toMatchObject({ ":status": 200, "x-method": "POST", "set-cookie": ["a", "b"] });
      expect(result.informational[0]).toMatchObject({ ":status": 103, "x-early": "1" });
      expect(result.trailers).toMatchObject({ "x-end": "1" });
    }
    expect(server.collectors[0]!.connection.openStreams).toBe(0);
  });

  it("pass a large body through small windows", async () => {
    await using server = await listen(echo, { streamWindow: 10_000, connectionWindow: 65_535 });
    using session = nodeClient(server.port, { settings: { initialWindowSize: 5000, headerTableSize: 0 } });
    const result = await nodeRequest(session, { ":method": "POST" }, body);
    expect(digest(result.body)).toBe(digest(body));
  });

  it("take padded frames and sensitive fields", async () => {
    const sensitive: string[] = [];
    await using server = await listen((collector) => {
      echo(collector);
      const { onHeaders } = collector;
      collector.onHeaders = (stream, headers, endStream, ...rest: unknown[]) => {
        const [never] = rest;
        if (never instanceof Set) for (const field of headers) if (never.has(field)) sensitive.push(field[0]);
        onHeaders.call(collector, stream, headers, endStream);
      };
    });
    using session = nodeClient(server.port, { paddingStrategy: http2.constants.PADDING_STRATEGY_MAX });
    const headers = {
      ":method": "POST",
      "x-key": "secret",
      "x-open": "1",
      [http2.sensitiveHeaders]: ["x-key"],
    };
    const result = await nodeRequest(session, headers, body.subarray(0, 200_000));
    expect(digest(result.body)).toBe(digest(body.subarray(0, 200_000)));
    expect(sensitive).toEqual(["x-key"]);
  });

  it("pass reset codes both ways, refuse what is too much, and say GOAWAY", async () => {
    await using server = await listen(
      (collector) => {
        collector.onHead = (stream, headers) => {
          const path = headers.find(([name]) => name === ":path")![1];
          if (path === "/reset") collector.connection.reset(stream, Http2Code.HTTP_1_1_REQUIRED);
          if (path === "/goaway")
            collector.connection.goaway(Http2Code.NO_ERROR, { debugData: Buffer.from("bye") });
          if (path === "/goaway") collector.connection.sendHeaders(stream, [[":status", "204"]], true);
        };
      },
      { maxConcurrentStreams: 5 },
    );
    using session = nodeClient(server.port);
    expect((await nodeRequest(session, { ":path": "/reset" })).code).toBe(Http2Code.HTTP_1_1_REQUIRED);
    const stream = session.request({ ":path": "/hang" });
    stream.on("error", () => {});
    await new Promise((resolve) => session.ping(resolve));
    stream.close(Http2Code.CANCEL);
    await once(stream, "close");
    await new Promise((resolve) => session.ping(resolve));
    const id = server.collectors[0]!.streams;
    expect([...id.values()].at(-1)!.reset).toBe(Http2Code.CANCEL);
    const goaway = once(session, "goaway");
    const last = await nodeRequest(session, { ":path": "/goaway" });
    expect(last.headers).toMatchObject({ ":status": 204 });
    const [code, lastStream, debugData] = await goaway;
    expect([code, lastStream, Buffer.from(debugData as Uint8Array).toString()]).toEqual([0, 5, "bye"]);
  });
});
