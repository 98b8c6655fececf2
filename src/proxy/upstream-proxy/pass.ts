// Takes a TCP connection that leads to an upstream proxy through the proxy's handshake to the origin.
import type net from "node:net";
import tls from "node:tls";
import type { ExchangeErrorCode } from "../../exchange/exchange.js";
import type { HandshakeStep, ProxyHandshake } from "./handshake.js";
import { httpConnect } from "./http-connect.js";
import type { UpstreamProxy } from "./parse.js";
import { socks4aConnect, socks5Connect } from "./socks.js";

/** Chooses the proxy for a host; undefined: connect directly. */
export type UpstreamProxies = (host: string) => UpstreamProxy | undefined;

export interface PassOptions {
  /** For TLS to an `https` proxy; its certificate is checked as those of origins are. */
  readonly secureContext: tls.SecureContext;
  readonly verify: boolean;
}

/**
 * One of the two is called, once, unless the connection is destroyed before.
 * @param opened gets the connection to go on with, nothing of the origin's read from it and listened to by nobody
 * @param failed gets a sentence
 */
export function passUpstreamProxy(
  proxy: UpstreamProxy,
  to: { host: string; port: number },
  transport: net.Socket,
  options: PassOptions,
  opened: (carrier: net.Socket) => void,
  failed: (code: ExchangeErrorCode, message: string, cause?: unknown) => void,
): void {
  const named = `the upstream proxy ${proxy.name}`;
  if (proxy.protocol !== "https") {
    shake(transport, handshakeWith(proxy, to), named, opened, failed);
    return;
  }
  const carrier = tls.connect({
    socket: transport,
    secureContext: options.secureContext,
    host: proxy.host,
    // RFC 6066 section 3: a literal address is no server name.
    ...(/^[\d.]+$|:/.test(proxy.host) ? {} : { servername: proxy.host }),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: options.verify,
  });
  const onError = (error: Error): void =>
    failed("tls-failed", `the TLS handshake with ${named} failed: ${error.message}`, error);
  // What breaks later is reported by the connection inside; a second report must not be an unhandled error.
  carrier.on("error", () => {});
  carrier.once("error", onError);
  carrier.once("secureConnect", () => {
    carrier.off("error", onError);
    shake(carrier, handshakeWith(proxy, to), named, opened, failed);
  });
}

function handshakeWith(proxy: UpstreamProxy, to: { host: string; port: number }): ProxyHandshake {
  switch (proxy.protocol) {
    case "http":
    case "https":
      return httpConnect(to, proxy.credentials);
    case "socks5":
      return socks5Connect(to, proxy.credentials);
    case "socks4a":
      return socks4aConnect(to, proxy.credentials);
  }
}

function shake(
  socket: net.Socket,
  handshake: ProxyHandshake,
  named: string,
  opened: (socket: net.Socket) => void,
  failed: (code: ExchangeErrorCode, message: string, cause?: unknown) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const leave = (): void => {
    socket.off("readable", onReadable);
    socket.off("end", onEnd);
    socket.off("close", onEnd);
    socket.off("error", onError);
  };
  const fail = (code: ExchangeErrorCode, message: string, cause?: unknown): void => {
    leave();
    socket.on("error", () => {});
    failed(code, message, cause);
  };
  const onEnd = (): void => fail("connect-failed", `${named} ended the connection instead of an answer`);
  const onError = (error: NodeJS.ErrnoException): void =>
    fail("connect-failed", `the connection to ${named} broke: ${error.code ?? error.message}`, error);
  const onReadable = (): void => {
    for (;;) {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      if (advance()) return;
    }
  };
  /** @returns whether the handshake is over */
  const advance = (): boolean => {
    for (;;) {
      const step: HandshakeStep = handshake.receive(bytes);
      switch (step.kind) {
        case "more":
          return false;
        case "reply":
          bytes = bytes.subarray(step.used);
          socket.write(step.send);
          break;
        case "refused":
          fail(step.code, `${named} ${step.message}`);
          return true;
        case "open":
          leave();
          if (bytes.length > step.used) socket.unshift(bytes.subarray(step.used));
          // Node ends a stream's state of being read by `readable` in the next tick; who takes the connection over
          // before would not be read to by `data`.
          process.nextTick(() => opened(socket));
          return true;
      }
    }
  };
  socket.on("readable", onReadable);
  socket.on("end", onEnd);
  socket.on("close", onEnd);
  socket.on("error", onError);
  socket.write(handshake.greeting);
}
