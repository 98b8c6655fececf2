// The origin of fixtures/har-page: one of each thing that a HAR holds, over HTTP/1.1 or HTTP/2.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type WebSocket, WebSocketServer } from "ws";
import { http2Origin, httpsOrigin, type Origin, type OriginAuthority } from "../support/origin.js";

export interface Site extends Origin {
  readonly url: string;
}

export interface SiteOptions {
  readonly version: "1.1" | "2.0";
  /** Origins that the page talks to besides; a site that no page is loaded from needs none. */
  readonly others?: { readonly cross: string; readonly refused: string };
}

type Request = Readable & { url?: string | undefined; method?: string | undefined; headers: Headers };
type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Response = Writable & {
  writeHead(status: number, headers?: Record<string, string | string[]>): unknown;
  statusMessage?: string;
  destroy(): unknown;
  /** Of HTTP/2. */
  stream?: { close(code: number): void };
};

const INTERNAL_ERROR = 2;

interface Asked {
  readonly url: URL;
  readonly request: Request;
  readonly body: Buffer;
}

export async function startSite(authority: OriginAuthority, options: SiteOptions): Promise<Site> {
  const onRequest = (request: Request, response: Response): void => {
    void answer(request, response, options).catch(() => response.destroy());
  };
  const origin =
    options.version === "1.1"
      ? await httpsOrigin(authority, onRequest)
      : await http2Origin(authority, undefined, onRequest);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    handleProtocols: () => "first",
  });
  origin.server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, echo);
  });
  return { ...origin, url: `https://localhost:${origin.port}` };
}

function echo(socket: WebSocket): void {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
}

async function answer(request: Request, response: Response, options: SiteOptions): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  const url = new URL(request.url ?? "/", "https://origin.test");
  const route = ROUTES[url.pathname] ?? notFound;
  await route({ url, request, body: Buffer.concat(pieces) }, response, options);
}

const notFound: Route = (_asked, response) =>
  send(response, 404, { "content-type": "text/plain" }, "not here");

type Route = (asked: Asked, response: Response, options: SiteOptions) => void | Promise<void>;

const PAGE = join(import.meta.dirname, "../../fixtures/har-page");
const file = (name: string): Buffer => readFileSync(join(PAGE, name));
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const ROUTES: Readonly<Record<string, Route>> = {
  "/": (_asked, response) =>
    send(
      response,
      200,
      {
        "content-type": "text/html; charset=utf-8",
        "content-encoding": "gzip",
        "set-cookie": [
          "visit=one; Path=/; HttpOnly; SameSite=Lax",
          "theme=dark; Max-Age=3600; Secure",
          'kept="a b"; Expires=Thu, 01 Jan 2032 00:00:00 GMT; samesite=strict',
        ],
      },
      gzipSync(file("index.html")),
    ),
  "/origins.js": (_asked, response, { others }) =>
    send(
      response,
      200,
      { "content-type": "text/javascript" },
      `window.otherOrigin = "${others?.cross}"; window.refusedOrigin = "${others?.refused}"`,
    ),
  "/style.css": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "text/css", "content-encoding": "br" },
      brotliCompressSync(file("style.css")),
    ),
  "/imported.css": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "text/css; charset=iso-8859-1" },
      Buffer.from('.q::before { content: "»é«" }', "latin1"),
    ),
  "/zstd.js": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "text/javascript", "content-encoding": "zstd" },
      file("zstd.js.zst"),
    ),
  "/windows-1252.js": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "application/javascript" },
      Buffer.from('window.euro = "\x80\x93\xe4\x94"', "latin1"),
    ),
  "/app.js": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "text/javascript; charset=utf-8", "content-encoding": "deflate" },
      deflateSync(file("app.js")),
    ),
  "/module.js": (_asked, response) =>
    send(response, 200, { "content-type": "text/javascript" }, "export const value = 'a module';"),
  "/pixel.png": (_asked, response) => send(response, 200, { "content-type": "image/png" }, PNG),
  "/background.png": (_asked, response) => send(response, 200, { "content-type": "image/png" }, PNG),
  "/picture.svg": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "image/svg+xml" },
      '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><text>ü</text></svg>',
    ),
  "/font.woff2": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "font/woff2", "access-control-allow-origin": "*" },
      Buffer.from("wOF2 but no font\xff", "latin1"),
    ),
  "/api/items": ({ url, body }, response) =>
    send(
      response,
      201,
      { "content-type": "application/json", "x-answer": "1" },
      JSON.stringify({ id: 7, query: url.search, ...JSON.parse(body.toString("utf8")) }),
    ),
  "/api/items/7": ({ request, body }, response) => {
    if (request.method === "DELETE") return send(response, 204, {});
    send(response, 200, { "content-type": "application/json", "x-head": "7" }, `[${body.length}]`);
  },
  "/api/xhr": (_asked, response) =>
    send(response, 200, { "content-type": "application/json", "x-empty": "" }, '{"by":"xhr"}'),
  "/form": ({ body }, response) => send(response, 200, { "content-type": "text/html" }, `<p>${body.length}`),
  "/upload": (_asked, response) => send(response, 200, { "content-type": "text/html" }, "<p>uploaded"),
  "/echo": ({ body, request }, response) =>
    send(
      response,
      200,
      { "content-type": String(request.headers["content-type"] ?? "application/octet-stream") },
      body,
    ),
  "/coded": ({ url }, response) => {
    const coding = url.searchParams.get("coding") ?? "";
    const text = Buffer.from(`decoded from ${coding}: ${"Zoë ".repeat(20)}`);
    send(response, 200, { "content-type": "text/plain", "content-encoding": coding }, CODINGS[coding]!(text));
  },
  "/charset": ({ url }, response) => {
    const [type, body] = CHARSETS[url.searchParams.get("charset") ?? ""]!;
    send(response, 200, { "content-type": type }, body);
  },
  "/moved": ({ url }, response) =>
    send(response, Number(url.searchParams.get("status") ?? 302), {
      location: `/${url.searchParams.get("to")}?after=${url.searchParams.get("status") ?? 302}`,
      "set-cookie": "moved=1; Path=/moved",
    }),
  "/frame": (_asked, response) => send(response, 200, { "content-type": "text/html" }, "<p>frame"),
  "/status": ({ url }, response, { version }) => {
    const code = Number(url.searchParams.get("code"));
    // HTTP/2 has no reason phrase.
    if (version === "1.1" && code === 299) response.statusMessage = "Of Its Own";
    send(
      response,
      code,
      code === 204 ? {} : { "content-type": "text/plain" },
      code === 204 ? "" : `is ${code}`,
    );
  },
  "/bytes": (_asked, response) =>
    send(
      response,
      200,
      { "content-type": "application/octet-stream" },
      Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)),
    ),
  "/large": (_asked, response) =>
    send(response, 200, { "content-type": "text/plain" }, "0123456789abcde\n".repeat(20_000)),
  "/empty": (_asked, response) => send(response, 200, { "content-type": "text/plain" }),
  "/cookies/set": (_asked, response) =>
    send(response, 200, {
      "set-cookie": ["token=abc; Path=/cookies; SameSite=None; Secure", "visit=; Max-Age=0; Path=/", "flag"],
    }),
  "/cookies/sent": ({ request }, response) =>
    send(response, 200, { "content-type": "text/plain" }, String(request.headers.cookie)),
  "/cached": ({ request }, response) => {
    const headers = { etag: '"one"', "cache-control": "max-age=600", "content-type": "text/plain" };
    if (request.headers["if-none-match"] === '"one"') return send(response, 304, headers);
    send(response, 200, headers, "cached text");
  },
  "/cors": ({ request }, response) =>
    send(
      response,
      request.method === "OPTIONS" ? 204 : 200,
      {
        "access-control-allow-origin": String(request.headers.origin),
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-custom",
      },
      request.method === "OPTIONS" ? "" : "from across",
    ),
  "/beacon": (_asked, response) => send(response, 204, {}),
  "/broken": (_asked, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
    response.write("only this");
    setTimeout(() => response.stream?.close(INTERNAL_ERROR) ?? response.destroy(), 50);
  },
  "/never": () => {},
  "/trickle": (_asked, response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("the first part");
  },
  "/events": (_asked, response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.write("id: 1\ndata: eins ü\n\n");
    setTimeout(() => response.write('event: update\ndata: {"n":2}\ndata: more\n\n'), 30);
    setTimeout(() => response.end(": a comment\n\nevent: end\ndata: -\n\n"), 60);
  },
};

const CODINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (bytes) => brotliCompressSync(bytes),
  "gzip, br": (bytes) => brotliCompressSync(gzipSync(bytes)),
  identity: (bytes) => bytes,
  // A frame of one raw block (RFC 8878): single segment, one byte of content size.
  zstd: (bytes) => {
    const block = (bytes.length << 3) | 1;
    const head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length, block & 255, (block >> 8) & 255, block >> 16];
    return Buffer.concat([Buffer.from(head), bytes]);
  },
};

const CHARSETS: Readonly<Record<string, readonly [type: string, bytes: Buffer]>> = {
  "utf-8": ["text/plain; charset=utf-8", Buffer.from("Zoë \u{1f600}\n")],
  "utf-8-bom": ["text/plain; charset=utf-8", Buffer.from("\ufeffBOM")],
  "iso-8859-1": ["text/plain; charset=ISO-8859-1", Buffer.from("caf\xe9", "latin1")],
  "windows-1252": ["text/html; charset=windows-1252", Buffer.from("<p>\x80 \x93q\x94", "latin1")],
  shift_jis: ["text/plain; charset=shift_jis", Buffer.from("93fa967b", "hex")],
  "utf-16le": ["text/plain; charset=utf-16le", Buffer.from("\ufeffsechzehn ü", "utf16le")],
  gbk: ["application/json; charset=gbk", Buffer.from("22d6d0cec422", "hex")],
  none: ["text/plain", Buffer.from("ohne Zeichensatz ü")],
  wrong: ["text/plain; charset=utf-8", Buffer.from("caf\xe9", "latin1")],
};

function send(
  response: Response,
  status: number,
  headers: Record<string, string | string[]>,
  body: string | Buffer = "",
): void {
  const length = String(Buffer.byteLength(body));
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? headers : { ...headers, "content-length": length });
  response.end(bodiless ? undefined : body);
}
