// What a client says to the proxy, or to its connection alone, and what of it an origin gets: on every way through.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http2 from "node:http2";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { describe, expect, test } from "vitest";
import { replay } from "../../src/operations/replay.js";
import { readFinished } from "../session/support.js";
import { ask } from "../support/http2-client.js";
import { http2Origin, httpOrigin, httpsOrigin, type Origin } from "../support/origin.js";
import { readToEnd, readUntil, secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { useOrigins } from "../support/recordings.js";
import { startTinyConnectProxy } from "../support/tiny-connect-proxy.js";

const { authority, opened } = useOrigins();

const OURS = `Basic ${Buffer.from("me:for-this-proxy").toString("base64")}`;
const THEIRS = `Basic ${Buffer.from("you:for-the-next-one").toString("base64")}`;

type Fields = readonly (readonly [string, string])[];
type Protocol = "h1" | "h2";
type Options = Parameters<typeof testRecording>[0];

/** Answers with the fields that came, as they came. */
function telling(protocol: Protocol | "plain"): Promise<Origin> {
  const h1 = (request: { rawHeaders: string[] }, response: { end(text: string): void }): void =>
    response.end(JSON.stringify(request.rawHeaders));
  if (protocol === "plain") return opened(httpOrigin(h1));
  if (protocol === "h1") return opened(httpsOrigin(authority(), h1));
  return opened(
    http2Origin(authority(), (stream, _headers, _flags, raw) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200 });
      stream.end(JSON.stringify(raw));
    }),
  );
}

const start = (options: Options = {}): Promise<TestRecording> =>
  opened(testRecording({ tls: { upstreamCa: authority().caPath }, ...options }));

function paired(raw: readonly string[]): Fields {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""] as const] : [],
  );
}

async function gotOn(socket: net.Socket, head: string): Promise<Fields> {
  socket.write(head);
  const { text } = await readToEnd(socket);
  socket.destroy();
  expect(text).toMatch(/^HTTP\/1\.1 200/);
  return paired(JSON.parse(/\[.*\]/.exec(text)![0]));
}

function connected(port: number): net.Socket {
  return net.connect({ host: "127.0.0.1", port, allowHalfOpen: true }).on("error", () => {});
}

const lines = (fields: Fields): string => fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");

/** In absolute form, to the proxy's port. */
function absolute(proxy: TestRecording, scheme: string, origin: Origin, fields: Fields): Promise<Fields> {
  const host = `localhost:${origin.port}`;
  const head = `GET ${scheme}://${host}/a HTTP/1.1\r\nHost: ${host}\r\n${lines(fields)}\r\n`;
  return gotOn(connected(proxy.port), head);
}

const CONNECT_WITH = (host: string) =>
  `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${OURS}\r\n\r\n`;

async function tunnelled(proxy: TestRecording, origin: Origin, alpn: string): Promise<tls.TLSSocket> {
  const transport = connected(proxy.port);
  transport.write(CONNECT_WITH(`localhost:${origin.port}`));
  expect(await readUntil(transport, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 200/);
  return secured(proxy, transport, alpn);
}

async function socks(proxy: TestRecording, origin: Origin, alpn: string): Promise<tls.TLSSocket> {
  const transport = connected(proxy.port);
  const [user, password] = ["me", "for-this-proxy"].map((text) => Buffer.from(text));
  transport.write(Buffer.from([5, 2, 0, 2]));
  const method = await readBytes(transport, 2);
  if (method[1] === 2) {
    transport.write(
      Buffer.concat([Buffer.from([1, user!.length]), user!, Buffer.from([password!.length]), password!]),
    );
    await readBytes(transport, 2);
  }
  const port = Buffer.alloc(2);
  port.writeUInt16BE(origin.port);
  transport.write(Buffer.concat([Buffer.from([5, 1, 0, 3, 9]), Buffer.from("localhost"), port]));
  await readBytes(transport, 10);
  return secured(proxy, transport, alpn);
}

async function readBytes(socket: net.Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(count);
    if (bytes !== null) return bytes;
    await once(socket, "readable");
  }
}

async function secured(proxy: TestRecording, transport: net.Socket, alpn: string): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    socket: transport,
    ca: proxy.ca.certPem,
    servername: "localhost",
    ALPNProtocols: [alpn],
  });
  await once(socket, "secureConnect");
  return socket.on("error", () => {});
}

/** Inside of a connection to the origin. @param target in any form */
async function inside(
  socket: tls.TLSSocket,
  client: Protocol,
  origin: Origin,
  fields: Fields,
  target = "/a",
): Promise<Fields> {
  const host = `localhost:${origin.port}`;
  if (client === "h1")
    return gotOn(socket, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines(fields)}\r\n`);
  const session = http2.connect(`https://${host}`, { createConnection: () => socket });
  try {
    const headers = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]));
    return paired(JSON.parse((await ask(session, { ...headers, ":path": target })).body.toString()));
  } finally {
    session.destroy();
  }
}

const named = (fields: Fields, name: string): string[] =>
  fields.filter(([each]) => each === name).map(([, value]) => value);

async function recordedText(recording: TestRecording): Promise<string> {
  await recording.finish();
  return readFile(join(recording.session.path, "exchanges.jsonl"), "utf8");
}

/** All that RFC 9113 section 8.2.2 forbids, and what goes on. */
const HOP: Fields = [
  ["Proxy-Connection", "keep-alive"],
  ["Keep-Alive", "timeout=5"],
  ["TE", "gzip, trailers"],
  ["Upgrade", "h2c"],
  ["HTTP2-Settings", "AAMAAABkAAQAAP__"],
  ["X-Named", "by Connection"],
  ["Connection", "close, TE, X-Named, HTTP2-Settings, Upgrade"],
  ["X-Other", "goes on"],
];
const FORBIDDEN = ["proxy-connection", "keep-alive", "upgrade", "http2-settings", "x-named", "connection"];
const VIA: readonly ("none" | "HTTP")[] = ["none", "HTTP"];

describe.each([undefined, "me:for-this-proxy"])("with --proxy-auth %s", (proxyAuth) => {
  const auth = proxyAuth === undefined ? {} : { proxyAuth };

  test.each([
    ["http", "plain"],
    ["https", "h1"],
    ["https", "h2"],
  ] as const)(
    "in absolute form, %s to an origin of %s: credentials for a proxy go no further",
    async (scheme, origin) => {
      for (const via of VIA) {
        await using upstream = await startTinyConnectProxy();
        const recording = await start({
          ...auth,
          ...(via === "none" ? {} : { upstream: { proxies: [upstream.url], bypass: [] } }),
        });
        const fields = [...HOP, ["proxy-AUTHORIZATION", OURS]] as const;
        const got = await absolute(recording, scheme, await telling(origin), fields);
        expect(named(got, "proxy-authorization")).toEqual([]);
        expect(named(got, "proxy-connection")).toEqual([]);
        expect(named(got, "x-other")).toEqual(["goes on"]);
        if (origin === "h2") {
          expect(got.map(([name]) => name)).not.toEqual(
            expect.arrayContaining([expect.stringMatching(FORBIDDEN.join("|"))]),
          );
          expect(named(got, "te")).toEqual(["trailers"]);
          for (const name of FORBIDDEN) expect(named(got, name)).toEqual([]);
        }
        if (proxyAuth !== undefined) expect(await recordedText(recording)).not.toContain(OURS);
      }
    },
  );

  test.each([
    ["CONNECT", "h1", "h1"],
    ["CONNECT", "h1", "h2"],
    ["CONNECT", "h2", "h1"],
    ["CONNECT", "h2", "h2"],
    ["SOCKS", "h1", "h1"],
    ["SOCKS", "h1", "h2"],
    ["SOCKS", "h2", "h2"],
  ] as const)(
    "inside of %s, %s to %s: ours go no further, others are the origin's",
    async (way, client, protocol) => {
      const recording = await start(auth);
      const origin = await telling(protocol);
      const alpn = client === "h2" ? "h2" : "http/1.1";
      const connect = () => (way === "SOCKS" ? socks : tunnelled)(recording, origin, alpn);
      const close: Fields = client === "h1" ? [["Connection", "close"]] : [];
      const ours = await inside(await connect(), client, origin, [
        ["Proxy-Authorization", OURS],
        ["X-A", "b"],
        ...close,
      ]);
      const theirs = await inside(await connect(), client, origin, [
        ["Proxy-Authorization", THEIRS],
        ...close,
      ]);
      expect(named(ours, "x-a")).toEqual(["b"]);
      // Who asks for no credentials has none: between client and origin the field is theirs.
      expect(named(ours, "proxy-authorization")).toEqual(proxyAuth === undefined ? [OURS] : []);
      expect(named(theirs, "proxy-authorization")).toEqual([THEIRS]);
      const text = await recordedText(recording);
      expect(text.includes(OURS)).toBe(proxyAuth === undefined);
      expect(text).toContain(THEIRS);
    },
  );
});

test.each([
  ["changed by a rule", { setHeader: ["request X-Set: by a rule"] }, ["by a rule"]],
  ["delayed by a rule", { delay: ["1ms"] }, []],
] as const)("in absolute form, %s", async (_how, shortcuts, set) => {
  const recording = await start({ rules: { shortcuts } });
  for (const protocol of ["h1", "h2"] as const) {
    const fields: Fields = [...HOP, ["Proxy-Authorization", OURS]];
    const got = await absolute(recording, "https", await telling(protocol), fields);
    expect(named(got, "proxy-authorization")).toEqual([]);
    expect(named(got, "proxy-connection")).toEqual([]);
    expect(named(got, "x-other")).toEqual(["goes on"]);
    expect(named(got, "x-set")).toEqual(set);
    if (protocol === "h2") for (const name of FORBIDDEN) expect(named(got, name)).toEqual([]);
  }
});

test("sent again, what was for the proxy that recorded it stays behind", async () => {
  for (const protocol of ["h1", "h2"] as const) {
    const origin = await telling(protocol);
    const recording = await start();
    const fields: Fields = [...HOP, ["Proxy-Authorization", OURS]];
    await absolute(recording, "https", origin, fields);
    await recording.stop();
    await replay({
      home: recording.home,
      words: [recording.session.id],
      execute: true,
      into: "again",
      tls: { upstreamCa: authority().caPath },
      onResult: () => {},
    });
    const [again] = await readFinished(join(recording.home, "sessions", "again"));
    if (again?.kind !== "http") throw new Error("it was not sent");
    const { body } = again.response!;
    const got = paired(JSON.parse(body.kind === "text" ? body.text : ""));
    expect(named(got, "proxy-authorization")).toEqual([]);
    expect(named(got, "proxy-connection")).toEqual([]);
    expect(named(got, "x-other")).toEqual(["goes on"]);
  }
});

test("reverse, in absolute form, to an origin of HTTP/2 alone: path and authority are the target's", async () => {
  const origin = await telling("h2");
  const recording = await start({ reverse: `https://localhost:${origin.port}` });
  const socket = await secured(recording, connected(recording.port), "http/1.1");
  const got = await inside(socket, "h1", origin, HOP, "https://named.test/a?b");
  expect(got.slice(0, 4)).toEqual([
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", "named.test"],
    [":path", "/a?b"],
  ]);
  for (const name of FORBIDDEN) expect(named(got, name)).toEqual([]);
});

test("HTTP/1.0 without a Host, to an origin of HTTP/2 alone: the authority is the origin's", async () => {
  const origin = await telling("h2");
  const recording = await start();
  const socket = await secureThrough(recording.port, `localhost:${origin.port}`, {
    ca: recording.ca.certPem,
    servername: "localhost",
  });
  const got = await gotOn(socket, "GET /a HTTP/1.0\r\nX-A: b\r\n\r\n");
  expect(got).toEqual([
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", `localhost:${origin.port}`],
    [":path", "/a"],
    ["x-a", "b"],
  ]);
});

test("fields whose names only begin like ours go on", async () => {
  const recording = await start();
  const fields: Fields = [
    ["Proxy-Authorization", THEIRS],
    ["Proxy-Authorization-Hint", "a"],
    ["Proxy-Connection-Id", "b"],
    ["Connection", "close"],
  ];
  for (const origin of ["h1", "h2"] as const) {
    const got = await absolute(recording, "https", await telling(origin), fields);
    expect(got.filter(([name]) => name.startsWith("proxy-"))).toEqual([
      ["proxy-authorization-hint", "a"],
      ["proxy-connection-id", "b"],
    ]);
  }
});
