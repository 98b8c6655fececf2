// Sessions for tests: temporary homes, exchanges to record, a recorder in a process of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import { EMPTY_BODY } from "../../src/exchange/body.js";
import type {
  Exchange,
  HttpExchange,
  TunnelExchange,
  WebSocketExchange,
} from "../../src/exchange/exchange.js";
import { type ConnectionId, createExchangeIds, type ExchangeId } from "../../src/exchange/id.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import { type ReadReport, readExchanges, type SessionItem } from "../../src/session/reader.js";
import { createRecorder, type Recorder, type RecorderOptions } from "../../src/session/recorder.js";

const ROOT = join(import.meta.dirname, "..", "..");
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trafficctl-session-"));
  folders.push(folder);
  return folder;
}

export async function startRecorder(options: Partial<RecorderOptions> = {}): Promise<Recorder> {
  return await createRecorder({
    home: tempFolder(),
    bodies: true,
    options: {},
    version: "0.0.0",
    ...options,
  });
}

export const newId: (epochMs?: number) => ExchangeId = (
  (ids) =>
  (epochMs = Date.now()) =>
    ids(epochMs)
)(createExchangeIds());

const base = {
  startedAt: "2026-11-20T10:15:30.123Z",
  duration: 12.5,
  client: { address: "127.0.0.1", port: 50_000, tls: null },
  timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0.1, wait: 12, receive: 0.4 },
};

export function httpExchange(
  fields: Partial<HttpExchange> & { requestBody?: Body; body?: Body } = {},
): HttpExchange {
  const { requestBody = EMPTY_BODY, body = EMPTY_BODY, ...rest } = fields;
  return {
    kind: "http",
    id: newId(),
    seq: 1,
    ...base,
    server: { address: "::1", port: 443, connectionId: connection(1), reused: false, tls: null },
    request: {
      method: "POST",
      url: "https://example.test/things?q=1",
      target: "/things?q=1",
      httpVersion: "HTTP/1.1",
      headers: [
        ["Host", "example.test"],
        ["X-Twice", "1"],
        ["x-twice", "caf\u00e9"],
      ],
      headersSize: 66,
      body: requestBody,
    },
    response: {
      status: 200,
      reason: "OK",
      httpVersion: "HTTP/1.1",
      headers: [["Content-Type", "text/plain"]],
      headersSize: 40,
      body,
    },
    ...rest,
  };
}

export function webSocketExchange(fields: Partial<WebSocketExchange> = {}): WebSocketExchange {
  const { request, response } = httpExchange();
  if (response === undefined) throw new Error("unreachable");
  return { kind: "websocket", id: newId(), seq: 1, ...base, request, response, messageCount: 0, ...fields };
}

export function tunnelExchange(fields: Partial<TunnelExchange> = {}): TunnelExchange {
  const { request } = httpExchange();
  return {
    kind: "tunnel",
    id: newId(),
    seq: 1,
    ...base,
    request,
    bytesSent: 10,
    bytesReceived: 20,
    reason: "passthrough",
    ...fields,
  };
}

export function webSocketMessage(exchange: ExchangeId, seq: number, body: Body): WebSocketMessage {
  return { exchange, seq, time: "2026-11-20T10:15:31.000Z", direction: "send", opcode: 2, body };
}

function connection(number: number): ConnectionId {
  return number as ConnectionId;
}

/** Records a whole body. */
export function recordBody(
  recorder: Recorder,
  id: ExchangeId,
  chunks: readonly Buffer[],
  part: "request" | "response" | "message" = "response",
): Body {
  const writer = recorder.openBody({ id, part });
  for (const chunk of chunks) writer.write(chunk);
  return writer.end();
}

export async function readAll(folder: string, report?: ReadReport): Promise<SessionItem[]> {
  const items: SessionItem[] = [];
  for await (const item of readExchanges(folder, report === undefined ? {} : { report })) items.push(item);
  return items;
}

export async function readFinished(folder: string): Promise<Exchange[]> {
  return (await readAll(folder)).flatMap((item) =>
    item.type === "exchange" && !item.open ? [item.exchange] : [],
  );
}

export async function logText(folder: string): Promise<string> {
  return await readFile(join(folder, "exchanges.jsonl"), "utf8");
}

/** Compiles the recorder for a process of its own, which knows no TypeScript. @returns the folder of the modules. */
export function compileRecorder(): string {
  const folder = tempFolder();
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const options = [
    "--ignoreConfig",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--types",
    "node",
    "--skipLibCheck",
  ];
  const place = [
    "--typeRoots",
    join(ROOT, "node_modules", "@types"),
    "--rootDir",
    join(ROOT, "src"),
    "--outDir",
    folder,
  ];
  const sources = ["session/recorder.ts", "exchange/id.ts"].map((file) => join(ROOT, "src", file));
  execFileSync(process.execPath, [tsc, ...options, ...place, ...sources], { stdio: "pipe" });
  return folder;
}

/** Runs test/session/recorder-process.mjs, which prints a line for each thing that happens. */
export function startProcess(
  modules: string,
  ...args: string[]
): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const script = join(import.meta.dirname, "recorder-process.mjs");
  const child = spawn(process.execPath, [script, modules, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null) throw new Error("no stdout");
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
