// A forward proxy for tests that tunnels and keeps a list of what was asked of it; it looks into nothing.
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

export interface TinyConnectProxy extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** `CONNECT host:port` and `GET http://host:port/path`, in the order they came. */
  readonly seen: string[];
  /** Names that lead to this machine instead: what is asked for need not exist. */
  readonly aliases: Set<string>;
  /** What every CONNECT is answered with instead of being tunnelled. */
  refusal: string | undefined;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startTinyConnectProxy(): Promise<TinyConnectProxy> {
  const seen: string[] = [];
  const aliases = new Set<string>();
  const open = new Set<Duplex>();
  const address = (host: string): string => (aliases.has(host) ? "127.0.0.1" : host);
  const server: Server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const url = new URL(incoming.url ?? "");
    const { method, headers } = incoming;
    const outgoing = request({
      host: address(url.hostname),
      port: url.port || 80,
      path: url.pathname + url.search,
      method,
      headers,
    });
    outgoing.on("error", () => response.destroy());
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  server.on("connect", (incoming, client: Duplex) => {
    seen.push(`CONNECT ${incoming.url}`);
    open.add(client);
    client.on("close", () => open.delete(client)).on("error", () => client.destroy());
    if (proxy.refusal !== undefined) {
      client.end(proxy.refusal);
      return;
    }
    const url = new URL(`http://${incoming.url}`);
    const upstream = connect(Number(url.port || 80), address(url.hostname.replace(/^\[|\]$/g, "")));
    upstream.on("error", () => client.destroy());
    upstream.on("connect", () => client.write("HTTP/1.1 200 Connection established\r\n\r\n"));
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.pipe(client).pipe(upstream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const proxy: TinyConnectProxy = {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    aliases,
    refusal: undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
