// A session with a secret in every place that can carry one, each of its own: none may leave.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { EMPTY_BODY } from "../../src/exchange/body.js";
import type { HttpExchange } from "../../src/exchange/exchange.js";
import { createExchangeIds } from "../../src/exchange/id.js";
import { type BodyBytes, type WrittenSession, writeSession } from "../../src/operations/write-session.js";
import { httpExchange, webSocketExchange, webSocketMessage } from "../session/support.js";

const START = Date.parse("2026-11-20T10:00:00.000Z");

/** By the place. Random, and no part of another. */
export const SECRETS = {
  bearer: "bq7Zt0mXw2LrYk9Vd4Ns",
  basicPassword: "hB3xQp8uJe6Tz1Wc",
  cookie: "s1d-Fv9Kc2Rm7Xq4Lb0",
  setCookie: "n3W-Gt5Hj8Pz1Ys6Qe",
  proxy: "pX7Mv2Kd9Rw4Lz0Tn",
  apiKey: "ak-Jh4Ng7Vb1Xc9Zm3Qw",
  query: "qY8Tf3Lk6Ds0Pj5Hg",
  userinfo: "uI5Rb9Wn2Cx7Kf1Md",
  location: "lO6Vz3Qa8Et1Hy4Sk",
  form: "fM2 Kp&9Lq=7Zw+4Xs",
  json: 'jN1"Ty\\6Gb/3Vf8Rd',
  jsonNumber: "48151623429911",
  response: "rS9Cu4Mw7Ze2Bn6Jp",
  multipart: "mP5Xl8Oq1Ak3Dv7Ig",
  gzip: "gZ7Ub2Fj5Nt9Wy0Lc",
  brotli: "bR3Hs6Vk1Qx8Pm4Ez",
  latin1: "lA4Gd9\u00e4Yc2Tw5Rn",
  trailer: "tR8Jn3Ps6Lf1Xk7Wb",
  delta: "sk-ant-api03-dE1Lt4Ap7Kz2Qm9Vw5Xr8Tn3",
  message: "wS2Fg7Hb4Jq9Zc1Ny",
  split: "ghp_S9p1L2i3T4a5B6c7D8e9F0g1H2i3J4k5L6m7",
  binary: "AKIAQ7WZ3XN5VB2KTM4R",
  close: "cL5Qw8Ez3Rt6Yb1Um",
  error: "eR1Vx4Nk7Pd9Jc2Sh",
  extra: "iN6Tz9Bw2Gm5Fq8Ly",
  forwarded: "oW3Kj6Xr1Hd8Vs4Ct",
  forwardedUrl: "oU9Pb5Lm2Zf7Nq3Wg",
  early: "eH4Rc7Ty1Ks8Xd6Vp",
  large: "xoxb-7392018475-2847561930-LaRgE4Kd9Xw2Pq7Zm",
  edge: "github_pat_11EDGE0Kd9Xw2Pq7ZmLn4_Vb8Tc3Ry6Hs1Jf5Gk0Mw2Qz7Xe9Ua4Pi6Od3Sl8Nh1Bt5Cv0",
  largeCoded: "AIzaSyLc0D3d4K9x7W2pQ8zM5nR1tV6yB3hJ0f",
} as const;

/** What stood in two exchanges has one placeholder. */
export const SHARED = SECRETS.bearer;

interface Made {
  readonly method?: string;
  readonly url?: string;
  readonly request?: [type: string, body: Buffer | string];
  readonly response?: [type: string, body: Buffer | string, ...headers: [string, string][]];
  readonly headers?: [string, string][];
  readonly change?: (exchange: HttpExchange) => HttpExchange;
}

const JSON_TYPE = "application/json";
const S = SECRETS;

const LARGE_LINE = "a line of a log that says nothing of interest, again and again and again\n";
/** Beyond what is held; a secret in the middle, and one on the edge of a piece. */
const LARGE = ((): Buffer => {
  const text = Buffer.alloc(9 * 1024 * 1024, LARGE_LINE);
  text.write(` ${S.large} `, 5_000_000);
  text.write(` ${S.edge} `, 4 * 1024 * 1024 - 40);
  return text;
})();

const MADE: readonly Made[] = [
  {
    headers: [
      ["Authorization", `Bearer ${S.bearer}`],
      ["Cookie", `theme=dark; session=${S.cookie}`],
      ["Proxy-Authorization", `Basic ${Buffer.from(`ada:${S.proxy}`).toString("base64")}`],
      ["X-Api-Key", S.apiKey],
    ],
    url: `https://api.test/list?access_token=${S.query}&page=2`,
    response: [
      JSON_TYPE,
      '{"list":[1,2,3]}',
      ["Set-Cookie", `id=${S.setCookie}; Path=/; HttpOnly; Max-Age=60`],
    ],
  },
  {
    headers: [["Authorization", `Basic ${Buffer.from(`grace:${S.basicPassword}`).toString("base64")}`]],
    url: `https://ada:${S.userinfo}@api.test/`,
    response: ["text/html", "", ["Location", `https://app.test/done#access_token=${S.location}&state=1`]],
  },
  {
    method: "POST",
    request: [
      "application/x-www-form-urlencoded",
      new URLSearchParams({ user: "ada", password: S.form }).toString(),
    ],
    response: [
      JSON_TYPE,
      JSON.stringify({ user: { name: "Ada", refresh_token: S.response }, pin: Number(S.jsonNumber) }),
    ],
  },
  {
    method: "POST",
    request: [
      JSON_TYPE,
      JSON.stringify({ deep: [{ clientSecret: S.json }], note: `used ${S.bearer}` }, null, 2),
    ],
  },
  {
    method: "POST",
    request: [
      "multipart/form-data; boundary=b",
      `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${S.multipart}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\x00\x01\r\n--b--\r\n`,
    ],
  },
  { response: [JSON_TYPE, gzipSync(JSON.stringify({ api_key: S.gzip })), ["Content-Encoding", "gzip"]] },
  {
    response: [
      JSON_TYPE,
      brotliCompressSync(JSON.stringify({ secret: S.brotli })),
      ["Content-Encoding", "br"],
    ],
  },
  {
    response: [
      "text/plain; charset=iso-8859-1",
      Buffer.from(`{"password":"${S.latin1}","caf\u00e9":1}`, "latin1"),
    ],
  },
  {
    response: ["text/plain", "trailed"],
    change: (exchange) => ({
      ...exchange,
      request: { ...exchange.request, trailers: [["X-Auth-Token", S.trailer]] },
      forwarded: {
        method: "GET",
        url: `https://api.test/?api_key=${S.forwardedUrl}`,
        headers: [["Authorization", `Bearer ${S.forwarded}`]],
      },
      response: {
        ...exchange.response!,
        informational: [{ status: 103, reason: "Early Hints", headers: [["Set-Cookie", `hint=${S.early}`]] }],
      },
      har: { entry: { _initiator: { type: "script", url: `https://app.test/?token=${S.extra}` } } },
    }),
  },
  {
    response: [
      "text/event-stream",
      [S.delta.slice(0, 11), S.delta.slice(11, 20), S.delta.slice(20)]
        .map((text) => `data: ${JSON.stringify({ type: "delta", delta: { text } })}\n\n`)
        .join(""),
    ],
  },
  { response: ["text/plain", LARGE] },
  {
    response: [
      "text/plain",
      gzipSync(Buffer.concat([LARGE.subarray(0, 8_500_000), Buffer.from(` ${S.largeCoded} `)])),
      ["Content-Encoding", "gzip"],
    ],
  },
  {
    response: [
      "application/octet-stream",
      Buffer.concat([Buffer.from([0, 255]), Buffer.from(S.binary), Buffer.from([0, 254])]),
    ],
  },
  {
    url: "http://gone.test/",
    change: ({ response: _none, ...exchange }) => ({
      ...exchange,
      error: { code: "connect-failed", message: `no way to http://gone.test/?token=${S.error}` },
    }),
  },
];

/** The requests and responses of MADE, and a WebSocket. */
export const COUNT = MADE.length + 1;

export async function makeSecretSession(home: string, name: string): Promise<WrittenSession> {
  const ids = createExchangeIds();
  return await writeSession({ home, name, options: {} }, async (writer) => {
    for (const [at, made] of MADE.entries()) {
      const { exchange, request, response } = exchangeOf(made, START + at * 1000, ids(START + at * 1000));
      await writer.exchange(exchange, { request, response });
    }
    const start = START + MADE.length * 1000;
    const messages: [direction: "send" | "receive", opcode: number, data: string | Buffer][] = [
      ["send", 1, JSON.stringify({ op: "login", password: S.message })],
      ["receive", 1, S.split.slice(0, 20)],
      ["receive", 1, S.split.slice(20)],
      ["receive", 2, Buffer.from(`\xff\0${S.binary}\0`, "latin1")],
      ["send", 8, Buffer.from(`\x03\xe8token=${S.close}`, "latin1")],
    ];
    const socket = webSocketExchange({
      id: ids(start),
      startedAt: new Date(start).toISOString(),
      messageCount: messages.length,
      close: { by: "client", code: 1000, reason: `token=${S.close}` },
    });
    for (const [at, [direction, opcode, data]] of messages.entries()) {
      const bytes = Buffer.from(data);
      const message = webSocketMessage(socket.id, at + 1, { kind: "empty", size: bytes.length });
      await writer.message({ ...message, opcode, direction }, bytes);
    }
    await writer.exchange(
      {
        ...socket,
        request: { ...socket.request, method: "GET", url: "https://live.test/feed", target: "/feed" },
        response: { ...socket.response, status: 101, reason: "Switching Protocols" },
      },
      { request: Buffer.alloc(0) },
    );
  });
}

function exchangeOf(
  {
    method = "GET",
    url = "https://api.test/x",
    headers = [],
    request,
    response,
    change = (each) => each,
  }: Made,
  start: number,
  id: HttpExchange["id"],
): { exchange: HttpExchange; request: BodyBytes; response: BodyBytes } {
  const sent = Buffer.from(request?.[1] ?? "");
  const [type, received = "", ...more] = response ?? ["text/plain", "done"];
  const bytes = Buffer.from(received);
  const base = httpExchange({ id, startedAt: new Date(start).toISOString() });
  const { pathname, search } = new URL(url);
  const exchange = change({
    ...base,
    request: {
      ...base.request,
      method,
      url,
      target: `${pathname}${search}`,
      headers: [
        ["Host", "api.test"],
        ...headers,
        ...(request === undefined ? [] : [["Content-Type", request[0]] as const]),
      ],
      body: { ...EMPTY_BODY, size: sent.length },
    },
    response: {
      ...base.response!,
      status: more.some(([name]) => name === "Location") ? 302 : 200,
      headers: [["Content-Type", type], ...more],
      body: { ...EMPTY_BODY, size: bytes.length },
    },
  });
  return { exchange, request: sent, response: bytes };
}

/** The forms in which a secret may stand in a file. */
function formsOf(secret: string): Buffer[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    Buffer.from(secret),
    Buffer.from(secret, "latin1"),
    Buffer.from(inJson),
    Buffer.from(JSON.stringify(inJson).slice(1, -1)),
    Buffer.from(encodeURIComponent(secret)),
    Buffer.from(new URLSearchParams([["", secret]]).toString().slice(1)),
    ...[0, 1, 2].map((shift) => inBase64(secret, shift)),
  ];
}

/** The groups that are the secret's alone, when `shift` bytes stand before it. */
function inBase64(secret: string, shift: number): Buffer {
  const text = Buffer.from(`${"_".repeat(shift)}${secret}`)
    .toString("base64")
    .replace(/=+$/, "");
  return Buffer.from(text.slice(shift === 0 ? 0 : 4, Math.floor(text.length / 4) * 4 - 4));
}

/** Halves of those that were sent in pieces. */
const PIECES = { "half of a delta": S.delta.slice(20), "half of a message": S.split.slice(20) };

/** @returns the places whose secret is in the bytes, in whatever form. */
export function leaksIn(bytes: Buffer): string[] {
  return Object.entries({ ...SECRETS, ...PIECES })
    .filter(([, secret]) => formsOf(secret).some((form) => bytes.includes(form)))
    .map(([place]) => place);
}
