// What is inside a CONNECT: TLS to look into, plain HTTP, or anything else, decided by the first bytes.
import type { Socket } from "node:net";
import type { TunnelExchange } from "../exchange/exchange.js";
import { acceptTls, DISTRUST_HINT, HTTP1_ALPN } from "./accept-tls.js";
import type { Capture } from "./capture.js";
import type { DialError, Dialled } from "./dial.js";
import type { DetachedConnection } from "./ends.js";
import { dialPlain, openOpaqueTunnel, tunnelConnected, tunnelFailed } from "./opaque-tunnel.js";
import { clientEndpoint, openCapture, type ProxyServices } from "./proxy-services.js";
import { type ConnectRequest, dialTarget, routeHttp2, routeInTunnel } from "./routes.js";
import { type HttpClient, serveHttp, serveHttp2 } from "./serve-http.js";
import { formatHost, type Origin } from "./target.js";
import { type ClientHello, looksLikeTls, readClientHello } from "./tls/client-hello.js";

const ESTABLISHED = Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n");
const NOTHING = Buffer.alloc(0);
/** After this the origin is asked: in some protocols (SMTP, SSH, MySQL) the server speaks first. */
const SILENCE_MS = 500;
/** A first line longer than this is no HTTP request line. */
const MAX_FIRST_LINE = 16 * 1024;

/** Serves one CONNECT whose head has been read; `connection.rest` may hold what the client sent right after it. */
export function serveConnect(
  services: ProxyServices,
  request: ConnectRequest,
  connection: DetachedConnection,
): void {
  if (!services.hooks.intercepts(request.host)) {
    passThrough(services, request, connection, { reason: "passthrough", established: false });
    return;
  }
  connection.socket.write(request.answers?.established ?? ESTABLISHED);
  new FirstBytes(services, request, connection.socket).begin(connection.rest);
}

const LEFT_AFTER_HANDSHAKE = `the client left right after the TLS handshake. ${DISTRUST_HINT}`;

type Guess = "tls" | "http" | "http2" | "other" | "undecided";

/** A connection to the origin made ahead, and what the origin said on it first. */
interface Spare {
  readonly dialled: Dialled;
  readonly greeting: Buffer;
}

/** Waits for the first bytes of a tunnel and hands the connection to whoever understands them. */
class FirstBytes {
  readonly #services: ProxyServices;
  readonly #request: ConnectRequest;
  readonly #socket: Socket;
  #bytes: Buffer = NOTHING;
  #silence: NodeJS.Timeout | undefined;
  /** A connection to an origin that may speak first. */
  #spare: Spare | undefined;
  #cancelDial: (() => void) | undefined;
  /** Somebody else reads the connection now. */
  #released = false;
  #handle: { closeIfIdle(): boolean; destroy(): void };

  constructor(services: ProxyServices, request: ConnectRequest, socket: Socket) {
    this.#services = services;
    this.#request = request;
    this.#socket = socket;
    this.#handle = {
      closeIfIdle: () => {
        socket.destroy();
        return true;
      },
      destroy: () => socket.destroy(),
    };
  }

  begin(rest: Buffer): void {
    const socket = this.#socket;
    this.#services.clients.add(this.#handle);
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
    this.#silence = setTimeout(() => this.#askOrigin(), SILENCE_MS);
    if (rest.length > 0) this.#onData(rest);
    // Whoever took the connection meanwhile resumes it when it listens: bytes would be lost before.
    if (!this.#released) socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    clearTimeout(this.#silence);
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    switch (guess(this.#bytes)) {
      case "undecided":
        return;
      case "tls":
        this.#readHello();
        return;
      case "http":
        this.#servePlain(serveHttp1Inside);
        return;
      case "http2":
        this.#servePlain(serveHttp2Inside);
        return;
      case "other":
        this.#tunnel("not-http");
        return;
    }
  };

  #readHello(): void {
    const hello = readClientHello(this.#bytes);
    if (hello === "incomplete") return;
    if (hello === "invalid") {
      this.#tunnel("not-http");
      return;
    }
    if (hello.sni !== null && !this.#services.hooks.intercepts(hello.sni)) this.#tunnel("passthrough");
    else if (this.#services.failOpen?.has(nameIn(hello, this.#request))) this.#tunnel("fail-open");
    else if (
      hello.alpn.length > 0 &&
      !hello.alpn.some((name) => name === "h2" || HTTP1_ALPN.includes(name))
    ) {
      this.#tunnel("not-http");
    } else this.#serveTls(hello);
  }

  #serveTls(hello: ClientHello): void {
    const { host, port } = this.#request;
    const origin: Origin = this.#request.reverse ?? { scheme: "https", host, port };
    const bytes = this.#release();
    this.#dropSpare();
    chooseAlpn(this.#services, origin, hello, (alpn) => {
      if (this.#socket.destroyed) return;
      acceptTls(this.#services, { transport: this.#socket, bytes, hello, host, alpn }, (secure) => {
        if ("error" in secure) {
          this.#recordTlsFailure(secure.error, hello);
          return;
        }
        const client = { ...secure, rest: NOTHING };
        const onUnused = (): void => this.#recordTlsFailure(LEFT_AFTER_HANDSHAKE, hello);
        if (secure.socket.alpnProtocol === "h2") serveHttp2Inside(this.#services, client, origin, onUnused);
        else serveHttp1Inside(this.#services, client, origin, onUnused);
      });
    });
  }

  #servePlain(serve: typeof serveHttp1Inside): void {
    const { host, port } = this.#request;
    const rest = this.#release();
    this.#dropSpare();
    const endpoint = clientEndpoint(this.#socket, null);
    const client = { socket: this.#socket, transport: this.#socket, endpoint, rest };
    serve(this.#services, client, this.#request.reverse ?? { scheme: "http", host, port });
  }

  #tunnel(reason: TunnelExchange["reason"]): void {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.dialled.socket.removeAllListeners("data");
    const connection = { socket: this.#socket, rest: this.#release() };
    passThrough(this.#services, this.#request, connection, { reason, established: true, spare });
  }

  /** The client is silent: if the origin speaks first, this is not HTTP. The client may still be the first. */
  #askOrigin(): void {
    this.#cancelDial = dialPlain(this.#services, this.#request, (_error, dialled) => {
      this.#cancelDial = undefined;
      if (dialled === undefined) return;
      this.#spare = { dialled, greeting: NOTHING };
      dialled.socket.on("error", () => dialled.socket.destroy());
      // An origin that gave up on a silent connection is asked again when the client speaks.
      const gaveUp = (): void => {
        if (this.#spare?.dialled === dialled) this.#dropSpare();
      };
      dialled.socket.on("end", gaveUp);
      dialled.socket.on("close", gaveUp);
      dialled.socket.once("data", (greeting: Buffer) => {
        dialled.socket.pause();
        this.#spare = { dialled, greeting };
        this.#tunnel("not-http");
      });
    });
  }

  #release(): Buffer {
    const bytes = this.#bytes;
    this.#released = true;
    clearTimeout(this.#silence);
    this.#cancelDial?.();
    this.#services.clients.delete(this.#handle);
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    this.#socket.off("close", this.#onClose);
    this.#socket.pause();
    return bytes;
  }

  #dropSpare(): void {
    this.#spare?.dialled.socket.removeAllListeners("data");
    this.#spare?.dialled.socket.destroy();
    this.#spare = undefined;
  }

  readonly #onEnd = (): void => {
    if (this.#bytes.length > 0) this.#tunnel("not-http");
    else this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#release();
    this.#dropSpare();
  };

  #recordTlsFailure(problem: string, hello: ClientHello): void {
    const name = nameIn(hello, this.#request);
    const opened = problem.endsWith(DISTRUST_HINT) && this.#services.failOpen?.add(name) === true;
    const message = opened ? `${problem}. From now on ${name} is tunnelled (--fail-open)` : problem;
    const capture = connectCapture(this.#services, this.#request, this.#socket);
    capture?.finish({ code: "client-tls-failed", message });
    this.#services.hooks.connectionFailed({ client: clientEndpoint(this.#socket, null), message });
  }
}

/** The host that the client means, as --fail-open remembers it. */
function nameIn(hello: ClientHello, request: ConnectRequest): string {
  return hello.sni ?? request.host;
}

/** A client is offered HTTP/2 exactly when its origin speaks it; one that speaks nothing else is translated for. */
function chooseAlpn(
  services: ProxyServices,
  origin: Origin,
  hello: ClientHello,
  callback: (alpn: readonly string[]) => void,
): void {
  if (!hello.alpn.includes("h2")) {
    callback(HTTP1_ALPN);
    return;
  }
  const speaksHttp1 = hello.alpn.some((name) => HTTP1_ALPN.includes(name));
  services.upstream.protocolOf(dialTarget(origin, hello.sni ?? undefined, []), (protocol) => {
    callback(protocol === "h2" || !speaksHttp1 ? ["h2", ...HTTP1_ALPN] : HTTP1_ALPN);
  });
}

function serveHttp1Inside(
  services: ProxyServices,
  client: HttpClient,
  origin: Origin,
  onUnused?: () => void,
): void {
  serveHttp(services, client, (endpoint, head) => routeInTunnel(services, endpoint, origin, head), onUnused);
}

function serveHttp2Inside(
  services: ProxyServices,
  client: HttpClient,
  origin: Origin,
  onUnused?: () => void,
): void {
  serveHttp2(
    services,
    client,
    (endpoint, request) => routeHttp2(services, endpoint, origin, request),
    onUnused,
  );
}

function passThrough(
  services: ProxyServices,
  request: ConnectRequest,
  connection: DetachedConnection,
  options: { reason: TunnelExchange["reason"]; established: boolean; spare?: Spare | undefined },
): void {
  const client = connection.socket;
  const capture = connectCapture(services, request, client);
  const give = ({ dialled, greeting }: Spare): void => {
    tunnelConnected(capture, dialled, services.upstream.newConnectionId());
    if (!options.established) client.write(request.answers?.established ?? ESTABLISHED);
    client.off("close", onClose);
    openOpaqueTunnel(
      services,
      connection,
      { socket: dialled.socket, rest: greeting },
      capture,
      options.reason,
    );
  };
  const refuse = (error: DialError): void => {
    tunnelFailed(capture, { code: error.code, message: error.message }, options.reason);
    if (options.established) client.destroy();
    else if (request.answers !== undefined) client.end(request.answers.failed(error));
    else
      client.end(
        `HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\ntrafficctl: ${error.message}\n`,
      );
  };
  let cancel: (() => void) | undefined;
  const onClose = (): void => {
    cancel?.();
    tunnelFailed(
      capture,
      { code: "client-closed", message: "the client left before the origin answered" },
      options.reason,
    );
  };
  client.on("error", () => client.destroy());
  client.once("close", onClose);
  if (options.spare !== undefined) give(options.spare);
  else {
    cancel = dialPlain(services, request, (error, dialled) => {
      if (dialled !== undefined) give({ dialled, greeting: NOTHING });
      else if (error !== undefined) {
        client.off("close", onClose);
        refuse(error);
      }
    });
  }
}

function connectCapture(
  services: ProxyServices,
  request: ConnectRequest,
  socket: Socket,
): Capture | undefined {
  const { head } = request;
  return openCapture(services.hooks, clientEndpoint(socket, null), {
    method: head.method,
    url: `tcp://${formatHost(request.host)}:${request.port}`,
    target: head.target,
    httpVersion: head.httpVersion,
    headers: head.headers,
    headersSize: head.bytes.length,
  }).capture;
}

const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^ ]+ HTTP\/1\.[01]\r?$/;

/** HTTP/2 with prior knowledge (RFC 9113 section 3.3) begins with this; gRPC without TLS does so. */
const HTTP2_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Only a whole request line tells HTTP from other protocols of text, such as SSH's greeting. */
function guess(bytes: Buffer): Guess {
  if (looksLikeTls(bytes)) return "tls";
  const start = bytes.toString("latin1", 0, HTTP2_PREFACE.length);
  if (HTTP2_PREFACE.startsWith(start)) return start.length === HTTP2_PREFACE.length ? "http2" : "undecided";
  const lineEnd = bytes.indexOf(10);
  if (lineEnd !== -1) return REQUEST_LINE.test(bytes.toString("latin1", 0, lineEnd)) ? "http" : "other";
  const couldBeMethod = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}( |$)/.test(bytes.toString("latin1", 0, 65));
  return couldBeMethod && bytes.length < MAX_FIRST_LINE ? "undecided" : "other";
}
