// Makes a large session for `bench/query.mjs`: the same bytes for the same count. A mix as a browser's and a service's
// traffic has it: JSON and HTML in the line, gzip as base64, images in the shared file, WebSockets, errors, event streams.
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";

const START = Date.UTC(2026, 10, 20, 10);
const HOSTS = [
  "api.example.test",
  "www.example.test",
  "cdn.example.test",
  "auth.example.test",
  "media.example.test",
];
const WORDS =
  "alpha bravo carbon delta ember falcon garnet harbor indigo jasper kernel lantern meadow nectar".split(" ");
const IMAGE_BYTES = 40_000;
/** Stands in the body of one exchange in this many. */
export const NEEDLE = "quicksilver-needle";
const NEEDLE_EVERY = 5000;
const SOCKET_MESSAGES = 20;
const TIMINGS = { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0.1, wait: 12, receive: 0.4 };
const EMPTY = { kind: "empty", size: 0 };

/**
 * @param {string} folder made here
 * @param {number} count exchanges
 */
export async function makeSession(folder, count) {
  await mkdir(join(folder, "bodies"), { recursive: true, mode: 0o700 });
  const log = createWriteStream(join(folder, "exchanges.jsonl"), { mode: 0o600, highWaterMark: 1 << 20 });
  const pack = createWriteStream(join(folder, "bodies", "packed"), { mode: 0o600, highWaterMark: 1 << 20 });
  const random = randomNumbers(1);
  let packed = 0;
  let lines = "";
  for (let seq = 1; seq <= count; seq++) {
    const { exchange, messages, image } = makeExchange(seq, random, packed);
    for (const message of messages) lines += line("websocket-message", message);
    lines += line("exchange", exchange);
    if (image !== undefined) {
      packed += image.length;
      if (!pack.write(image)) await new Promise((resolve) => pack.once("drain", resolve));
    }
    if (lines.length > 1 << 20) {
      if (!log.write(lines)) await new Promise((resolve) => log.once("drain", resolve));
      lines = "";
    }
  }
  log.end(lines);
  pack.end();
  await Promise.all([finished(log), finished(pack)]);
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest(count)), { mode: 0o600 });
}

/**
 * @param {number} seq
 * @param {() => number} random
 * @param {number} packed bytes in the shared file so far
 */
function makeExchange(seq, random, packed) {
  const id = makeId(seq);
  const host = HOSTS[Math.floor(random() * HOSTS.length)] ?? "";
  const kind = random();
  const needle = seq % NEEDLE_EVERY === 7 ? ` ${NEEDLE} ` : " ";
  const base = {
    id,
    seq,
    startedAt: new Date(START + seq * 7).toISOString(),
    duration: Math.round(random() * 4e5) / 1000,
  };
  if (kind < 0.005) return { ...socket(base, host), image: undefined };
  const post = random() < 0.25;
  const path = `/v1/${word(random)}/${Math.floor(random() * 100_000)}?page=${Math.floor(random() * 50)}&token=${Math.floor(random() * 1e9).toString(36)}`;
  const requestText = JSON.stringify({ user: Math.floor(random() * 1e6), note: words(random, 8) });
  const requestBody = post ? text(requestText) : EMPTY;
  const request = makeRequest(
    post ? "POST" : "GET",
    host,
    path,
    requestBody,
    post ? ["Content-Type", "application/json"] : undefined,
  );
  const failed = random() < 0.005;
  let image;
  let type = "application/json";
  let body;
  /** @type {[string, string][]} */
  const coding = [];
  if (kind < 0.45) {
    body = text(
      JSON.stringify({
        items: [words(random, 20), words(random, 20)],
        note: words(random, 60) + needle + words(random, 5),
      }),
    );
  } else if (kind < 0.65) {
    type = "text/html; charset=utf-8";
    body = text(
      `<!doctype html><title>${words(random, 4)} café</title><p>${words(random, 150)}${needle}</p>`,
    );
  } else if (kind < 0.8) {
    const bytes = gzipSync(JSON.stringify({ data: words(random, 200) + needle }), { level: 1 });
    body = { kind: "base64", size: bytes.length, base64: bytes.toString("base64") };
    coding.push(["Content-Encoding", "gzip"]);
  } else if (kind < 0.82) {
    type = "image/webp";
    image = Buffer.alloc(IMAGE_BYTES, id);
    body = { kind: "file", size: IMAGE_BYTES, file: "bodies/packed", offset: packed, stored: IMAGE_BYTES };
  } else if (kind < 0.87) {
    type = "text/event-stream";
    body = text(Array.from({ length: 5 }, () => `data: ${words(random, 4)}\n\n`).join(""));
  } else body = EMPTY;
  const status = random() < 0.04 ? 500 : random() < 0.1 ? 404 : body === EMPTY ? 304 : 200;
  const response = makeResponse(status, type, body, coding);
  const exchange = {
    kind: "http",
    ...ends(base, host, random),
    request,
    timings: TIMINGS,
    ...(failed ? { error: { code: "origin-reset", message: `${host} reset the connection` } } : { response }),
  };
  return { exchange, messages: [], image };
}

/**
 * @param {{ id: string, seq: number, startedAt: string, duration: number }} base
 * @param {string} host
 */
function socket(base, host) {
  const messages = Array.from({ length: SOCKET_MESSAGES }, (_, i) => ({
    exchange: base.id,
    seq: i + 1,
    time: base.startedAt,
    direction: i % 2 === 0 ? "send" : "receive",
    opcode: 1,
    body: text(`{"tick":${i}}`),
  }));
  const request = makeRequest("GET", host, "/socket", EMPTY, ["Upgrade", "websocket"]);
  const response = makeResponse(101, "", EMPTY, [["Upgrade", "websocket"]]);
  const exchange = {
    kind: "websocket",
    ...ends(base, host, () => 0),
    request,
    timings: TIMINGS,
    response,
    messageCount: messages.length,
  };
  return { exchange, messages };
}

/**
 * @param {object} base
 * @param {string} host
 * @param {() => number} random
 */
function ends(base, host, random) {
  const tls = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", alpn: "http/1.1", sni: host };
  const certificate = {
    subject: `CN=${host}`,
    issuer: "CN=Example CA",
    validFrom: "2026-01-01T00:00:00.000Z",
    validTo: "2027-01-01T00:00:00.000Z",
    fingerprint256: Array(32).fill("AB").join(":"),
  };
  const connectionId = Math.floor(random() * 5000);
  return {
    ...base,
    client: { address: "127.0.0.1", port: 40_000 + Math.floor(random() * 64), tls },
    server: { address: "192.0.2.7", port: 443, connectionId, reused: true, tls: { ...tls, certificate } },
  };
}

/**
 * @param {string} method
 * @param {string} host
 * @param {string} target
 * @param {object} body
 * @param {[string, string]} [more]
 */
function makeRequest(method, host, target, body, more) {
  const headers = [
    ["Host", host],
    [
      "User-Agent",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ],
    ["Accept", "application/json, text/plain, */*"],
    ["Accept-Encoding", "gzip, deflate, br, zstd"],
    ["Cookie", "session=4f8a2b1c9d; theme=dark"],
    ...(more === undefined ? [] : [more]),
  ];
  return {
    method,
    url: `https://${host}${target}`,
    target,
    httpVersion: "HTTP/1.1",
    headers,
    headersSize: 320,
    body,
  };
}

/**
 * @param {number} status
 * @param {string} type
 * @param {object} body
 * @param {[string, string][]} more
 */
function makeResponse(status, type, body, more) {
  const headers = [
    ["Date", "Fri, 20 Nov 2026 10:00:00 GMT"],
    ["Server", "example"],
    ["Cache-Control", "no-store"],
    ...(type === "" ? [] : [["Content-Type", type]]),
    ...more,
  ];
  return {
    status,
    reason: status === 200 ? "OK" : "",
    httpVersion: "HTTP/1.1",
    headers,
    headersSize: 180,
    body,
  };
}

/** @param {string} value */
function text(value) {
  return { kind: "text", size: Buffer.byteLength(value), text: value };
}

/**
 * @param {string} type
 * @param {object} data
 */
function line(type, data) {
  return `{"v":1,"type":"${type}",${JSON.stringify(data).slice(1)}\n`;
}

/** @param {number} seq */
function makeId(seq) {
  return `01KAH0${seq.toString().padStart(20, "0")}`;
}

/** @param {() => number} random */
function word(random) {
  return WORDS[Math.floor(random() * WORDS.length)] ?? "";
}

/**
 * @param {() => number} random
 * @param {number} count
 */
function words(random, count) {
  let all = word(random);
  for (let i = 1; i < count; i++) all += ` ${word(random)}`;
  return all;
}

/** @param {number} seed @returns {() => number} below 1; mulberry32 */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {number} exchanges */
function manifest(exchanges) {
  return {
    v: 1,
    id: "bench",
    createdAt: new Date(START).toISOString(),
    endedAt: new Date(START + exchanges * 7).toISOString(),
    process: { pid: 1, start: null },
    version: "0.0.0",
    options: {},
    counts: { exchanges, messages: 0, errors: 0, bytes: 0, dropped: 0 },
    drops: {},
  };
}
