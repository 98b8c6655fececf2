// A real recording in a temporary home, and what it has recorded.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import { type RecordOptions, type RunningRecording, record } from "../../src/operations/record.js";

export interface TestRecording extends RunningRecording {
  readonly home: string;
  /** Stops, and reads what was recorded from the disk. */
  finish(): Promise<{ exchanges: Exchange[]; messages: WebSocketMessage[] }>;
  /** Resolves with the next exchange that is finished and was not waited for yet. */
  nextExchange(): Promise<Exchange>;
  readonly failures: { address: string; message: string }[];
  remove(): Promise<void>;
}

export async function testRecording(options: Partial<RecordOptions> = {}): Promise<TestRecording> {
  const home = await mkdtemp(join(tmpdir(), "trafficctl-"));
  const finished: Exchange[] = [];
  const waiting: ((exchange: Exchange) => void)[] = [];
  const failures: { address: string; message: string }[] = [];
  const recording = await record({
    home,
    port: 0,
    ...options,
    onExchange: (exchange) => {
      const next = waiting.shift();
      if (next === undefined) finished.push(exchange);
      else next(exchange);
    },
    onConnectionFailure: (failure) => failures.push(failure),
  }).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true });
    throw error;
  });
  return {
    ...recording,
    home,
    failures,
    nextExchange: () => {
      const exchange = finished.shift();
      if (exchange !== undefined) return Promise.resolve(exchange);
      return new Promise((resolve) => waiting.push(resolve));
    },
    finish: async () => {
      await recording.stop();
      return readLines(recording.session.path);
    },
    remove: async () => {
      await recording.stop(0);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function readLines(folder: string): Promise<{ exchanges: Exchange[]; messages: WebSocketMessage[] }> {
  const text = await readFile(join(folder, "exchanges.jsonl"), "utf8");
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return {
    exchanges: lines.filter((line) => line.type === "exchange"),
    messages: lines.filter((line) => line.type === "websocket-message"),
  };
}
