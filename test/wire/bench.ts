// What wire cases run on: an origin's authority, a recording, and ways to connect to either.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { vi } from "vitest";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import type { RecordOptions } from "../../src/operations/record.js";
import { type OriginAuthority, originAuthority } from "../support/origin.js";
import { connectThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import type { Mode } from "./case.js";
import { SessionTail } from "./session-tail.js";

/** A connection and the TCP socket below it, which is the same without TLS. */
interface Connection {
  readonly socket: net.Socket;
  readonly transport: net.Socket;
}

export interface WireBench {
  readonly authority: OriginAuthority;
  readonly recording: TestRecording;
  /** Without trafficctl. */
  connectDirectly(mode: Mode, port: number): Promise<Connection>;
  connectThroughProxy(mode: Mode, port: number): Promise<Connection>;
  /**
   * Waits for `count` exchanges with the origin on this port, and takes them: in the order of their starts.
   * @param clientPort only those of this client connection: ports of origins come again
   */
  recorded(port: number, count: number, clientPort?: number): Promise<Exchange[]>;
  /** The messages of a WebSocket that is recorded, when the recorder has written them. */
  messages(exchange: Exchange): Promise<WebSocketMessage[]>;
  close(): Promise<void>;
}

export async function openBench(options: Partial<RecordOptions> = {}): Promise<WireBench> {
  const authority = await originAuthority();
  const recording = await testRecording({ ...options, tls: { upstreamCa: authority.caPath } });
  let finished: Exchange[] = [];
  const tail = new SessionTail(join(recording.session.path, "exchanges.jsonl"));
  let next: Promise<void> | undefined;
  const ca = recording.ca.certPem;
  const originCa = tls.createSecureContext({ ca: await readFile(authority.caPath, "utf8") });
  const proxyCa = tls.createSecureContext({ ca });
  return {
    authority,
    recording,
    connectDirectly: async (mode, port) => {
      const transport = await connected(net.connect({ host: "127.0.0.1", port, ...SOCKET }));
      return isSecure(mode) ? secured(transport, originCa, mode) : { socket: transport, transport };
    },
    connectThroughProxy: async (mode, port) => {
      const proxy = recording.port;
      if (mode === "absolute") {
        const transport = await connected(net.connect({ host: "127.0.0.1", port: proxy, ...SOCKET }));
        return { socket: transport, transport };
      }
      const transport = (await connectThrough(proxy, `localhost:${port}`)).setNoDelay(true);
      return isSecure(mode) ? secured(transport, proxyCa, mode) : { socket: transport, transport };
    },
    recorded: async (port, count, clientPort) => {
      const belongs = (exchange: Exchange): boolean =>
        portOf(exchange) === port && (clientPort === undefined || exchange.client?.port === clientPort);
      while (finished.filter(belongs).length < count) {
        // One wait for all who wait: several cases may run at once.
        next ??= recording.nextExchange().then((exchange) => {
          finished.push(exchange);
          next = undefined;
        });
        await next;
      }
      const taken = finished.filter(belongs);
      finished = finished.filter((exchange) => !belongs(exchange));
      return taken.sort((a, b) => a.seq - b.seq);
    },
    messages: (exchange) => {
      // The recorder writes a while after it is told.
      return vi.waitUntil(() => tail.messagesOf(exchange), { timeout: 10_000, interval: 5 });
    },
    close: async () => {
      await recording.remove();
      await authority.remove();
    },
  };
}

const SOCKET = { allowHalfOpen: true, noDelay: true } as const;

async function connected(socket: net.Socket): Promise<net.Socket> {
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

const isSecure = (mode: Mode): boolean => mode !== "absolute" && mode !== "tunnel";

async function secured(
  transport: net.Socket,
  secureContext: tls.SecureContext,
  mode: Mode,
): Promise<Connection> {
  const ALPNProtocols = mode === "h2" || mode === "h2-h1" ? ["h2"] : [];
  const socket = tls.connect({ socket: transport, secureContext, servername: "localhost", ALPNProtocols });
  await once(socket, "secureConnect");
  socket.on("error", () => {});
  return { socket, transport };
}

function portOf(exchange: Exchange): number {
  return exchange.server?.port ?? Number(new URL(exchange.request.url).port);
}
