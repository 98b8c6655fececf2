// A proxy with an intervention written by hand, an origin of either protocol that tells what it got, and a client of either.
import { readFile } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import { afterEach } from "vitest";
import type { Exchange } from "../../../src/exchange/exchange.js";
import { createExchangeIds } from "../../../src/exchange/id.js";
import type {
  ExchangeIntervention,
  Intervention,
  InterventionHead,
} from "../../../src/proxy/intervention.js";
import { upstreamContext } from "../../../src/proxy/roots.js";
import { startProxy } from "../../../src/proxy/server.js";
import { ask } from "../../support/http2-client.js";
import { MemoryRecording } from "../../support/memory-recording.js";
import { http2Origin, httpsOrigin, type Origin, type OriginAuthority } from "../../support/origin.js";
import { secureThrough } from "../../support/raw-client.js";

export interface RuledProxy {
  readonly port: number;
  readonly ca: { readonly certPem: string };
  readonly recording: MemoryRecording;
  /** Exchanges whose intervention was told of the end. */
  readonly ended: () => number;
  /** The exchange that was recorded next. */
  next(): Promise<Exchange>;
  stop(graceMs: number): Promise<void>;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

export type Acts = Partial<ExchangeIntervention>;

/** @param begin what to do with a request; undefined: nothing */
export async function ruledProxy(
  authority: OriginAuthority,
  begin: (head: InterventionHead) => Acts | undefined,
  options: { responseTimeoutMs?: number } = {},
): Promise<RuledProxy> {
  const certPem = await readFile(authority.caPath, "utf8");
  const recording = new WaitedRecording();
  let ended = 0;
  const intervention: Intervention = {
    begin: (head) => {
      const acts = begin(head);
      return acts === undefined ? undefined : whole(acts, () => ended++);
    },
  };
  const proxy = await startProxy(
    {
      host: "127.0.0.1",
      port: 0,
      upstreamContext: await upstreamContext({ extraCa: certPem }),
      verifyOrigins: true,
      connectTimeoutMs: 10_000,
      responseTimeoutMs: options.responseTimeoutMs ?? 60_000,
    },
    {
      recording,
      newId: createExchangeIds(),
      select: () => "record",
      intercepts: () => true,
      contextFor: (host) => authority.context(host),
      landing: () => undefined,
      connectionFailed: () => {},
      intervention,
    },
  );
  open.push(() => proxy.stop(0));
  return {
    port: proxy.port,
    ca: { certPem },
    recording,
    ended: () => ended,
    next: () => recording.next(),
    stop: (graceMs) => proxy.stop(graceMs),
  };
}

/** What a test leaves out does nothing. */
function whole(acts: Acts, onEnd: () => void): ExchangeIntervention {
  return {
    requestBodyLimit: 0,
    request: () => ({ kind: "continue" }),
    responseInterest: () => "none",
    response: () => ({ kind: "continue" }),
    rules: [],
    tags: [],
    skipRecording: false,
    ...acts,
    end: () => {
      acts.end?.();
      onEnd();
    },
  };
}

class WaitedRecording extends MemoryRecording {
  readonly #finished: Exchange[] = [];
  readonly #waiting: ((exchange: Exchange) => void)[] = [];

  override finished(exchange: Exchange): void {
    super.finished(exchange);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#finished.push(exchange);
    else waiting(exchange);
  }

  next(): Promise<Exchange> {
    const exchange = this.#finished.shift();
    if (exchange !== undefined) return Promise.resolve(exchange);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export type Protocol = "h1" | "h2";

/** Client and origin in every combination. */
export const ROUTES: readonly (readonly [client: Protocol, origin: Protocol])[] = [
  ["h1", "h1"],
  ["h2", "h2"],
  ["h1", "h2"],
  ["h2", "h1"],
];

/** What an origin got. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly trailers: Record<string, string>;
}

/** Answers with what it got as JSON in `x-got` headers' place: the body; with a trailer, in chunks. */
export function tellingOrigin(authority: OriginAuthority, protocol: Protocol): Promise<Origin> {
  const answer = (got: Got) => JSON.stringify(got);
  if (protocol === "h1") {
    return httpsOrigin(authority, (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(200, { "X-Origin": "h1", Trailer: "X-Sum" });
        response.addTrailers({ "X-Sum": "1" });
        response.end(
          answer({
            method: request.method ?? "",
            path: request.url ?? "",
            headers: strings(request.headers),
            body: Buffer.concat(chunks).toString(),
            trailers: strings(request.trailers),
          }),
        );
      });
    });
  }
  return http2Origin(authority, (stream, headers) => {
    const chunks: Buffer[] = [];
    let trailers: Record<string, string> = {};
    stream.on("trailers", (received) => {
      trailers = strings(received);
    });
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      stream.respond({ ":status": 200, "x-origin": "h2" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
      const { ":method": method, ":path": path, ...fields } = strings(headers);
      const body = Buffer.concat(chunks).toString();
      stream.end(answer({ method: method ?? "", path: path ?? "", headers: fields, body, trailers }));
    });
  });
}

function strings(fields: http.IncomingHttpHeaders | NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly trailers: Record<string, string>;
}

export interface Client {
  send(request: Request): Promise<Answer>;
  /** Ends the connection at once. */
  leave(): void;
}

/** A client of one connection to `origin`, through the proxy. */
export async function client(proxy: RuledProxy, port: number, protocol: Protocol): Promise<Client> {
  if (protocol === "h2") {
    const session = await http2Session(proxy, port);
    return { send: (request) => sendHttp2(session, request), leave: () => session.destroy() };
  }
  const authority = `localhost:${port}`;
  const socket = await secureThrough(proxy.port, authority, {
    ca: proxy.ca.certPem,
    servername: "localhost",
  });
  open.push(async () => {
    socket.destroy();
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  return { send: (request) => sendHttp1(agent, authority, request), leave: () => socket.destroy() };
}

/** Whatever the origin speaks. */
export async function http2Session(proxy: RuledProxy, port: number): Promise<http2.ClientHttp2Session> {
  const socket = await secureThrough(proxy.port, `localhost:${port}`, {
    ca: proxy.ca.certPem,
    servername: "localhost",
    ALPNProtocols: ["h2"],
  });
  const session = http2.connect(`https://localhost:${port}`, { createConnection: () => socket });
  session.on("error", () => {});
  open.push(async () => session.destroy());
  return session;
}

async function sendHttp2(session: http2.ClientHttp2Session, request: Request): Promise<Answer> {
  const { method = "GET", path = "/", headers = {}, body } = request;
  const answer = await ask(session, { ...headers, ":method": method, ":path": path }, body);
  const { ":status": status, ...fields } = answer.headers;
  return {
    status: Number(status),
    headers: strings(fields),
    body: answer.body,
    trailers: strings((answer.trailers ?? {}) as http.IncomingHttpHeaders),
  };
}

function sendHttp1(agent: http.Agent, authority: string, request: Request): Promise<Answer> {
  const { method = "GET", path = "/", headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const sent = http.request({ agent, method, path, headers: { Host: authority, ...headers } });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: strings(response.headers),
          body: Buffer.concat(chunks),
          trailers: strings(response.trailers),
        }),
      );
    });
    sent.end(body);
  });
}

export function gotBy(answer: Answer): Got {
  return JSON.parse(answer.body.toString());
}
