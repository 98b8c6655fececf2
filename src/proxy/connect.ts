// What is inside a CONNECT: TLS to look into, plain HTTP, or anything else, decided by the first bytes.
import type { Socket } from "node:net";
import type { TunnelExchange } from "../exchange/exchange.js";
import { acceptTls, DISTRUST_HINT, HTTP1_ALPN } from "./accept-tls.js";
import type { DetachedSocket } from "./ends.js";
import { guessProtocol } from "./guess-protocol.js";
import { dialPlain } from "./opaque-tunnel.js";
import { connectCapture, ESTABLISHED, passThrough, type Spare } from "./pass-through.js";
import { refuseTunnel, SERVER_ALPN } from "./plain-server.js";
import { type ClientHandle, clientEndpoint, handleOf, type ProxyServices } from "./proxy-services.js";
import { type ConnectRequest, dialTarget, routeInTunnel } from "./routes.js";
import { http2Target, routeHttp2 } from "./routes-http2.js";
import { type HttpClient, serveHttp, serveHttp2 } from "./serve-http.js";
import type { Origin } from "./target.js";
import { type ClientHello, readClientHello } from "./tls/client-hello.js";

const NOTHING = Buffer.alloc(0);
/** After this the origin is asked: in some protocols (SMTP, SSH, MySQL) the server speaks first. */
const SILENCE_MS = 500;

/** Serves one CONNECT whose head has been read; `connection.rest` may hold what the client sent right after it. */
export function serveConnect(
  services: ProxyServices,
  request: ConnectRequest,
  connection: DetachedSocket,
): void {
  if (!services.hooks.intercepts(request.host)) {
    passThrough(services, request, connection, { reason: "passthrough", established: false });
    return;
  }
  connection.socket.write(request.answers?.established ?? ESTABLISHED);
  new FirstBytes(services, request, connection.socket).begin(connection.rest);
}

const LEFT_AFTER_HANDSHAKE = `the client left right after the TLS handshake. ${DISTRUST_HINT}`;

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
  readonly #handle: ClientHandle;

  constructor(services: ProxyServices, request: ConnectRequest, socket: Socket) {
    this.#services = services;
    this.#request = request;
    this.#socket = socket;
    this.#handle = handleOf(socket);
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
    switch (guessProtocol(this.#bytes)) {
      case "undecided":
        return;
      case "tls":
        this.#readHello();
        return;
      case "http":
        this.#serveHttp1();
        return;
      case "http2":
        this.#serveHttp2();
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
    const release = this.#holdWhileAsking();
    chooseAlpn(this.#services, origin, hello, (alpn) => {
      release();
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

  #serveHttp1(): void {
    const client = this.#plainClient();
    serveHttp1Inside(this.#services, client, this.#plainOrigin());
  }

  /** By prior knowledge. The origin is asked first what it offers, since our SETTINGS are to offer the same. */
  #serveHttp2(): void {
    const client = this.#plainClient();
    const origin = this.#plainOrigin();
    if (this.#services.plain !== undefined) {
      serveHttp2Inside(this.#services, client, origin);
      return;
    }
    const release = this.#holdWhileAsking();
    this.#services.upstream.protocolOf(http2Target(origin, client.endpoint), () => {
      release();
      if (!this.#socket.destroyed) serveHttp2Inside(this.#services, client, origin);
    });
  }

  /** The origin is being asked what it speaks: until then the connection is nobody's, but can be ended. */
  #holdWhileAsking(): () => void {
    this.#services.clients.add(this.#handle);
    return () => this.#services.clients.delete(this.#handle);
  }

  #plainClient(): HttpClient {
    const rest = this.#release();
    this.#dropSpare();
    const endpoint = clientEndpoint(this.#socket, null);
    return { socket: this.#socket, transport: this.#socket, endpoint, rest };
  }

  #plainOrigin(): Origin {
    const { host, port } = this.#request;
    return this.#request.reverse ?? { scheme: "http", host, port };
  }

  #tunnel(reason: TunnelExchange["reason"]): void {
    if (this.#services.plain !== undefined) {
      this.#release();
      refuseTunnel(this.#services, this.#socket, `${this.#request.host}:${this.#request.port}`);
      return;
    }
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.dialled.socket.removeAllListeners("data");
    const connection = { socket: this.#socket, rest: this.#release() };
    passThrough(this.#services, this.#request, connection, { reason, established: true, spare });
  }

  /** The client is silent: if the origin speaks first, this is not HTTP. The client may still be the first. */
  #askOrigin(): void {
    if (this.#services.plain !== undefined) return;
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
  if (services.plain !== undefined) {
    callback(SERVER_ALPN);
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
    services.upstream.offersExtendedConnect(http2Target(origin, client.endpoint)),
    (endpoint, request) => routeHttp2(services, endpoint, origin, request),
    onUnused,
  );
}
