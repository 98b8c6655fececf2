// Connects to an origin: name, TCP, TLS, each timed; a failure says in a sentence what did not work.
import net from "node:net";
import tls from "node:tls";
import type { CertificateInfo, ExchangeErrorCode, ServerEndpoint, TlsInfo } from "../exchange/exchange.js";
import type { DialTimes } from "./exchange-clock.js";
import { formatHost, type Origin } from "./target.js";
import { passUpstreamProxy, type UpstreamProxies } from "./upstream-proxy/pass.js";

export interface DialTarget extends Origin {
  /** The name to ask for and to verify; undefined sends none and verifies `host`. */
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
}

export interface DialOptions {
  readonly secureContext: tls.SecureContext;
  /** False accepts any certificate (--insecure). */
  readonly verify: boolean;
  readonly timeoutMs: number;
  /** Absent: every connection is direct. */
  readonly upstreamProxies?: UpstreamProxies | undefined;
  /** Whether an address that was reached is the proxy's own: nothing is ever sent there. */
  readonly isOwnAddress?: (address: string, port: number) => boolean;
}

export interface Dialled {
  /** What to read from and write to: the TLS socket, or the TCP socket for plain HTTP. */
  readonly socket: net.Socket;
  /** The TCP socket below, for a reset. */
  readonly transport: net.Socket;
  readonly times: DialTimes;
  readonly address: string;
  readonly port: number;
  readonly tls: ServerEndpoint["tls"];
}

/** An origin could not be reached. `code` is recorded, `message` is shown. */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly code: ExchangeErrorCode;
  readonly times: DialTimes;

  constructor(code: ExchangeErrorCode, message: string, times: DialTimes, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.times = times;
  }
}

type Callback = (error: DialError | undefined, dialled?: Dialled) => void;

/** @returns a function that gives up; the callback is then never called. */
export function dial(target: DialTarget, options: DialOptions, callback: Callback): () => void {
  const times: { started: number; resolved?: number; connected?: number; secured?: number } = {
    started: performance.now(),
  };
  const place = `${formatHost(target.host)}:${target.port}`;
  const proxy = options.upstreamProxies?.(target.host);
  const { host, port } = proxy ?? target;
  const transport = net.connect({ host, port, noDelay: true, allowHalfOpen: true });
  let socket: net.Socket = transport;
  let settled = false;
  const timer = setTimeout(() => {
    const seconds = Math.round(options.timeoutMs / 1000);
    const way = proxy === undefined ? "" : ` by way of the upstream proxy ${proxy.name}`;
    fail(new DialError("connect-timeout", `no connection to ${place}${way} within ${seconds} s`, times));
  }, options.timeoutMs);

  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    return true;
  };
  const fail = (error: DialError): void => {
    if (!settle()) return;
    destroyQuietly(socket, transport);
    callback(error);
  };
  const succeed = (tlsInfo: ServerEndpoint["tls"]): void => {
    if (!settle()) return;
    const address = transport.remoteAddress ?? host;
    socket.removeAllListeners("error");
    callback(undefined, { socket, transport, times, address, port, tls: tlsInfo });
  };

  transport.once("lookup", () => {
    times.resolved ??= performance.now();
  });
  transport.once("error", (error) =>
    fail(
      proxy === undefined
        ? connectError(error, place, target.host, times)
        : connectError(error, `the upstream proxy ${proxy.name}`, proxy.host, times),
    ),
  );
  transport.once("connect", () => {
    if (options.isOwnAddress?.(transport.remoteAddress ?? "", port) === true) {
      fail(new DialError("loop", loopSentence(place, proxy?.name), times));
    } else if (proxy === undefined) reached(transport);
    else {
      const failed = (code: ExchangeErrorCode, message: string, cause?: unknown): void =>
        fail(new DialError(code, message, times, cause));
      passUpstreamProxy(proxy, target, transport, options, reached, failed);
    }
  });
  const reached = (carrier: net.Socket): void => {
    if (settled) return;
    times.connected = performance.now();
    socket = carrier;
    if (target.scheme === "http") {
      succeed(null);
      return;
    }
    const secure = startTls(carrier, target, options);
    socket = secure;
    secure.once("error", (error) => fail(tlsError(error, target, place, times)));
    secure.once("close", () => {
      fail(new DialError("tls-failed", `${place} closed the connection during the TLS handshake`, times));
    });
    secure.once("secureConnect", () => {
      times.secured = performance.now();
      secure.removeAllListeners("close");
      succeed(describeTls(secure, target));
    });
  };

  return () => {
    if (settle()) destroyQuietly(socket, transport);
  };
}

function loopSentence(place: string, proxy: string | undefined): string {
  return proxy === undefined
    ? `${place} is this proxy itself: the request would come back to it again and again`
    : `the upstream proxy ${proxy} is this proxy itself: every request would come back to it`;
}

/**
 * Sessions are not resumed: Node parses the session twice (`_init` and `tls.connect`), which costs 550 microseconds, more
 * than verifying the certificate again does (230), and the connections are pooled anyway.
 */
function startTls(transport: net.Socket, target: DialTarget, options: DialOptions): tls.TLSSocket {
  return tls.connect({
    socket: transport,
    secureContext: options.secureContext,
    host: target.host,
    ...(target.serverName === undefined ? {} : { servername: target.serverName }),
    ALPNProtocols: [...target.alpn],
    rejectUnauthorized: options.verify,
  });
}

function destroyQuietly(socket: net.Socket, transport: net.Socket): void {
  // What a dying socket still has to say is of no interest, but must not be an unhandled error.
  for (const each of [socket, transport]) {
    each.removeAllListeners();
    each.on("error", () => {});
    each.destroy();
  }
}

function describeTls(socket: tls.TLSSocket, target: DialTarget): ServerEndpoint["tls"] {
  const info: TlsInfo = {
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher()?.name ?? "unknown",
    alpn: socket.alpnProtocol === false ? null : socket.alpnProtocol,
    sni: target.serverName ?? null,
  };
  return { ...info, certificate: describeCertificate(socket) };
}

function describeCertificate(socket: tls.TLSSocket): CertificateInfo | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  return {
    subject: certificate.subject ?? "",
    issuer: certificate.issuer,
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
    fingerprint256: certificate.fingerprint256,
  };
}

function connectError(
  error: NodeJS.ErrnoException,
  place: string,
  host: string,
  times: DialTimes,
): DialError {
  switch (error.code) {
    case "ENOTFOUND":
      return new DialError("dns-failed", `the name ${host} does not exist (ENOTFOUND)`, times, error);
    case "EAI_AGAIN":
      return new DialError("dns-failed", `the name ${host} could not be looked up (EAI_AGAIN)`, times, error);
    case "ECONNREFUSED":
      return new DialError("connect-refused", `${place} refused the connection (ECONNREFUSED)`, times, error);
    case "ETIMEDOUT":
      return new DialError(
        "connect-timeout",
        `no connection to ${place}: it did not answer (ETIMEDOUT)`,
        times,
        error,
      );
    default:
      return new DialError(
        "connect-failed",
        `no connection to ${place}: ${error.code ?? error.message}`,
        times,
        error,
      );
  }
}

const UNTRUSTED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate chain ends in an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "the issuer of its certificate is unknown",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the issuer of its certificate is unknown",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the issuer of its certificate is not trusted, or an intermediate certificate is missing",
  CERT_REVOKED: "its certificate was revoked",
  CERT_UNTRUSTED: "its certificate is not trusted",
  INVALID_CA: "its certificate was issued by something that is no authority",
  HOSTNAME_MISMATCH: "its certificate is for another name",
};

function tlsError(
  error: NodeJS.ErrnoException,
  target: DialTarget,
  place: string,
  times: DialTimes,
): DialError {
  const code = error.code ?? "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const wanted = target.serverName ?? target.host;
    const reason = `${place}: its certificate is for another name than ${wanted} (${error.message})`;
    return new DialError("tls-untrusted", reason, times, error);
  }
  const untrusted = UNTRUSTED[code];
  if (untrusted !== undefined) {
    return new DialError("tls-untrusted", `${place}: ${untrusted} (${code})`, times, error);
  }
  return new DialError(
    "tls-failed",
    `the TLS handshake with ${place} failed: ${error.message}`,
    times,
    error,
  );
}
