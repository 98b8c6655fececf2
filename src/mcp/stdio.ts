// One client, over stdin and stdout. When it goes, everything that it started ends.

import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createClientServer, type Shared } from "./client-server.js";

/** Calls under way get so long when stdin has ended: a script that pipes its requests waits for the answers. */
const LAST_ANSWERS_MS = 1_000;

/** @returns when the client is gone, or the signal was aborted, and everything has ended */
export async function serveStdio(shared: Shared, signal: AbortSignal): Promise<void> {
  const server = createClientServer(shared);
  const ended = Promise.race([stdinEnded(), stdoutClosed(), aborted(signal)]);
  await server.connect(new StdioServerTransport(process.stdin, protocolOutput()));
  try {
    const how = await ended;
    if (how === "stdin")
      await Promise.race([server.idle(), sleep(LAST_ANSWERS_MS, undefined, { ref: false })]);
  } finally {
    await server.close();
  }
}

/** stdout for the protocol alone: whatever else writes to it goes to stderr. */
function protocolOutput(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, done) => {
      write(chunk, (error) => done(error ?? null));
    },
  }).on("error", () => {});
}

function stdinEnded(): Promise<"stdin"> {
  return new Promise((resolve) => {
    const end = (): void => resolve("stdin");
    process.stdin.once("end", end).once("close", end).once("error", end);
  });
}

function stdoutClosed(): Promise<"stdout"> {
  return new Promise((resolve) => {
    // The command line leaves at once when nobody reads what it prints: here recordings have to be ended first.
    process.stdout.removeAllListeners("error");
    process.stdout.on("error", () => resolve("stdout"));
  });
}

function aborted(signal: AbortSignal): Promise<"signal"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("signal");
    else signal.addEventListener("abort", () => resolve("signal"), { once: true });
  });
}
