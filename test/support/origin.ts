// Real origins for tests: HTTPS and HTTP on free ports of this machine, with a certificate of their own authority.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { CertificateAuthority } from "../../src/proxy/authority.js";
import { issueLeaf, type TinyCa } from "./tiny-ca.js";

export interface OriginAuthority {
  /** Path of the PEM that a client of these origins has to trust. */
  readonly caPath: string;
  readonly context: (host: string) => tls.SecureContext;
  /** For servers that take PEM, and for clients that send no name: localhost and its addresses. */
  readonly identity: () => TinyCa["leaf"];
  readonly remove: () => Promise<void>;
}

export async function originAuthority(): Promise<OriginAuthority> {
  const folder = await mkdtemp(join(tmpdir(), "origin-ca-"));
  const authority = await CertificateAuthority.open(folder);
  let identity: TinyCa["leaf"] | undefined;
  return {
    caPath: authority.certPath,
    context: (host) => authority.contextFor(host),
    identity: () => {
      identity ??= issueLeaf(folder);
      return identity;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Origin {
  readonly port: number;
  /** For what the handler does not cover: upgrades, say. */
  readonly server: net.Server;
  /** Connections taken so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export function httpOrigin(handler: http.RequestListener): Promise<Origin> {
  return listening(http.createServer(handler));
}

export function httpsOrigin(authority: OriginAuthority, handler: http.RequestListener): Promise<Origin> {
  return listening(https.createServer(secured(authority), handler));
}

/** An origin that speaks HTTP/2: streams to `onStream`; with `onRequest` HTTP/1.1 as well, both to it. */
export function http2Origin(
  authority: OriginAuthority,
  onStream: StreamListener | undefined,
  onRequest?: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
  settings: http2.Settings = {},
): Promise<Origin> {
  const allowHTTP1 = onRequest !== undefined;
  const server = http2.createSecureServer({ ...secured(authority), allowHTTP1, settings });
  if (onStream !== undefined) server.on("stream", onStream);
  if (onRequest !== undefined) server.on("request", onRequest);
  server.on("sessionError", () => {});
  return listening(server);
}

type StreamListener = (
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
) => void;

/** An origin that speaks raw bytes. */
export function rawOrigin(onConnection: (socket: net.Socket) => void): Promise<Origin> {
  return listening(
    net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      onConnection(socket);
    }),
  );
}

export function rawTlsOrigin(
  authority: OriginAuthority,
  onConnection: (socket: tls.TLSSocket) => void,
): Promise<Origin> {
  return listening(
    tls.createServer({ ...secured(authority), allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      onConnection(socket);
    }),
  );
}

function secured(authority: OriginAuthority): tls.TlsOptions {
  return { SNICallback: (name, done) => done(null, authority.context(name)), ...authority.identity() };
}

async function listening(server: net.Server): Promise<Origin> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    server,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
