// nghttp and h2load (Debian's nghttp2-client) against a server of ours, where they are installed.
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type Collector, listen } from "./socket-support.js";

const run = promisify(execFile);

function isInstalled(tool: string): boolean {
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function serve(collector: Collector): void {
  collector.onMessage = (stream, message) => {
    const { connection } = collector;
    const sent = Buffer.concat(message.body);
    connection.sendHeaders(
      stream,
      [
        [":status", "200"],
        ["x-length", String(sent.length)],
      ],
      false,
    );
    connection.sendData(stream, sent.length > 0 ? sent : Buffer.alloc(1024, "x"), false);
    connection.sendTrailers(stream, [["x-end", "1"]]);
  };
}

describe.skipIf(!isInstalled("h2load"))("nghttp2's tools", () => {
  it("load it over many streams and connections", async () => {
    await using server = await listen(serve);
    const url = `http://127.0.0.1:${server.port}/a?b`;
    const { stdout } = await run("h2load", ["-n", "5000", "-c", "4", "-m", "100", url]);
    expect(stdout).toContain("5000 succeeded, 0 failed, 0 errored, 0 timeout");
    for (const { connection, error } of server.collectors) {
      expect([connection.openStreams, error]).toEqual([0, undefined]);
    }
  });

  it("load it with bodies through small windows", async () => {
    await using server = await listen(serve, { streamWindow: 3000, connectionWindow: 65_535 });
    const url = `http://127.0.0.1:${server.port}/`;
    const args = ["-n", "300", "-c", "2", "-m", "50", "-w", "10", "-W", "16", "-d", "package-lock.json", url];
    const { stdout } = await run("h2load", args, { maxBuffer: 1 << 24 });
    expect(stdout).toContain("300 succeeded, 0 failed, 0 errored, 0 timeout");
  });

  it("show its frames", async () => {
    await using server = await listen(serve);
    const url = `http://127.0.0.1:${server.port}/`;
    const { stdout } = await run("nghttp", ["-nv", "--continuation", "-H", "x-a: 1", "-p", "10", url]);
    for (const text of [
      ":status: 200",
      "x-end: 1",
      "; END_STREAM",
      "SETTINGS_MAX_CONCURRENT_STREAMS(0x03):256",
    ]) {
      expect(stdout).toContain(text);
    }
  });
});
