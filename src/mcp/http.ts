// Many clients, over streamable HTTP on this machine. A client that is gone for a while, without a request or a stream,
// has vanished: what it started ends.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { systemCode, TrafficError } from "../errors.js";
import { type ClientServer, createClientServer, type Shared } from "./client-server.js";
import { refusalOf } from "./http-guard.js";

export interface HttpOptions {
  readonly port: number;
  readonly token: string;
  /** Milliseconds after which a client that is silent has vanished. */
  readonly idleMs: number;
}

export interface RunningHttp {
  readonly url: string;
  close(): Promise<void>;
}

interface Session {
  readonly server: ClientServer;
  readonly transport: StreamableHTTPServerTransport;
  /** Requests and streams that are open. */
  open: number;
  timer: NodeJS.Timeout | undefined;
}

const PATH = "/mcp";
/** Each may run a proxy. */
const MOST_SESSIONS = 32;

/** @throws TrafficError PORT_IN_USE, LISTEN_FAILED */
export async function serveHttp(shared: Shared, options: HttpOptions): Promise<RunningHttp> {
  const sessions = new Sessions(shared, options.idleMs);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      shared.log.error({ err: error }, "a request failed");
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "internal error");
    });
  });
  const port = await listen(server, options.port);
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, { port, token: options.token });
    if (refusal !== undefined) return refuse(response, refusal.status, refusal.message, refusal.headers);
    if (new URL(request.url ?? "/", "http://localhost").pathname !== PATH) {
      return refuse(response, 404, `the server is at ${PATH}`);
    }
    await sessions.handle(request, response);
  }
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await sessions.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

class Sessions {
  readonly #shared: Shared;
  readonly #idleMs: number;
  readonly #all = new Map<string, Session>();

  constructor(shared: Shared, idleMs: number) {
    this.#shared = shared;
    this.#idleMs = idleMs;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers["mcp-session-id"];
    if (id === undefined) return await this.#begin(request, response);
    const session = this.#all.get(String(id));
    if (session === undefined) return refuse(response, 404, "there is no such session: initialize again");
    this.#present(String(id), session, response);
    await session.transport.handleRequest(request, response);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.keys()].map((id) => this.#end(id)));
  }

  async #begin(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#all.size >= MOST_SESSIONS)
      return refuse(response, 503, `${MOST_SESSIONS} clients are connected already`);
    const server = createClientServer(this.#shared);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        const session: Session = { server, transport, open: 0, timer: undefined };
        this.#all.set(id, session);
        this.#present(id, session, response);
      },
      onsessionclosed: (id) => this.#end(id),
    });
    await server.connect(asTransport(transport));
    await transport.handleRequest(request, response);
    // It did not begin with initialize, and has been told so.
    if (transport.sessionId === undefined) await server.close();
  }

  /** As long as the response is open the client is there. */
  #present(id: string, session: Session, response: ServerResponse): void {
    clearTimeout(session.timer);
    session.open++;
    response.once("close", () => {
      session.open--;
      if (session.open > 0) return;
      clearTimeout(session.timer);
      session.timer = setTimeout(() => void this.#end(id), this.#idleMs);
      session.timer.unref();
    });
  }

  async #end(id: string): Promise<void> {
    const session = this.#all.get(id);
    if (session === undefined) return;
    this.#all.delete(id);
    clearTimeout(session.timer);
    await session.server
      .close()
      .catch((error: unknown) => this.#shared.log.error({ err: error }, "a client's end failed"));
  }
}

/** The library's types of its own parts differ where optional members may be undefined. */
function asTransport(transport: StreamableHTTPServerTransport): Transport {
  return {
    start: () => transport.start(),
    send: (message, options) =>
      transport.send(
        message,
        options?.relatedRequestId === undefined ? {} : { relatedRequestId: options.relatedRequestId },
      ),
    close: () => transport.close(),
    get onclose() {
      return transport.onclose ?? (() => {});
    },
    set onclose(handler) {
      transport.onclose = handler;
    },
    get onerror() {
      return transport.onerror ?? (() => {});
    },
    set onerror(handler) {
      transport.onerror = handler;
    },
    get onmessage() {
      return transport.onmessage ?? (() => {});
    },
    set onmessage(handler) {
      transport.onmessage = handler;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    const isTaken = systemCode(cause) === "EADDRINUSE";
    throw new TrafficError(
      isTaken ? "PORT_IN_USE" : "LISTEN_FAILED",
      `can't listen on 127.0.0.1:${port} (${systemCode(cause) ?? String(cause)})`,
      { hint: "choose another one with --port; 0 takes a free one", cause },
    );
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify({ jsonrpc: "2.0", error: { code: -32_000, message }, id: null });
  response.writeHead(status, { "Content-Type": "application/json", Connection: "close", ...headers });
  response.end(body);
}
