// A session that nobody records: it is there as a whole, or not at all.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TrafficError } from "../../src/errors.js";
import type { Body } from "../../src/exchange/body.js";
import { writeSession } from "../../src/operations/write-session.js";
import { bodyBytes } from "../../src/session/body-reader.js";
import {
  httpExchange,
  readAll,
  tempFolder,
  tunnelExchange,
  webSocketExchange,
  webSocketMessage,
} from "../session/support.js";

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("a written session", () => {
  test("has the exchanges with their bodies, however they came, and their ids", async () => {
    const home = tempFolder();
    const large = Buffer.alloc(3_000_000, "abc");
    const described: Body = { kind: "empty", size: 5_000_000, truncated: "max-body" };
    const exchanges = [
      { exchange: httpExchange(), request: Buffer.from("ask"), response: Buffer.from("answer") },
      {
        exchange: httpExchange({ body: described }),
        request: Buffer.alloc(0),
        response: pieces(large, 70_000),
      },
      { exchange: httpExchange({ body: { kind: "omitted", size: 7 } }), request: Buffer.alloc(0) },
      { exchange: tunnelExchange(), request: Buffer.alloc(0) },
    ];
    const session = await writeSession({ home, name: "made", options: { made: true } }, async (writer) => {
      for (const { exchange, ...bodies } of exchanges) await writer.exchange(exchange, bodies);
    });
    expect(session.counts.exchanges).toBe(4);
    const items = await readAll(session.path);
    const read = items
      .flatMap((item) => (item.type === "exchange" ? [item.exchange] : []))
      .sort((a, b) => a.seq - b.seq);
    expect(read.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(read.map(({ id }) => id)).toEqual(exchanges.map(({ exchange }) => exchange.id));
    const [small, big, omitted] = read;
    expect(small?.request.body).toMatchObject({ kind: "text", text: "ask" });
    const body = big?.kind === "http" ? big.response?.body : undefined;
    expect(body).toMatchObject({
      kind: "file",
      size: 5_000_000,
      truncated: "max-body",
      stored: large.length,
    });
    expect((await bodyBytes(session.path, body!)).equals(large)).toBe(true);
    expect(omitted?.kind === "http" && omitted.response?.body).toEqual({ kind: "omitted", size: 7 });
  });

  test("has WebSocket messages before their exchange", async () => {
    const home = tempFolder();
    const exchange = webSocketExchange({ messageCount: 1 });
    const { path } = await writeSession({ home, name: undefined, options: {} }, async (writer) => {
      const message = webSocketMessage(exchange.id, 1, { kind: "empty", size: 2 });
      await writer.message(message, Buffer.from("hi"));
      await writer.exchange(exchange, { request: Buffer.alloc(0), response: Buffer.alloc(0) });
    });
    const items = await readAll(path);
    expect(items.map(({ type }) => type)).toEqual(["message", "exchange"]);
  });

  test("is not there when filling it failed", async () => {
    const home = tempFolder();
    const failing = writeSession({ home, name: "half", options: {} }, async (writer) => {
      await writer.exchange(httpExchange(), {
        request: Buffer.alloc(100_000, 1),
        response: Buffer.alloc(2_000_000, 2),
      });
      throw new TrafficError("HAR_INVALID", "entry 7 is no entry");
    });
    await expect(failing).rejects.toMatchObject({ code: "HAR_INVALID" });
    expect(await readdir(join(home, "sessions"))).toEqual([]);
  });

  test("leaves one of that name alone", async () => {
    const home = tempFolder();
    await writeSession({ home, name: "taken", options: {} }, async () => {});
    const before = await readdir(join(home, "sessions", "taken"));
    const second = writeSession({ home, name: "taken", options: {} }, async () => {});
    await expect(second).rejects.toMatchObject({ code: "SESSION_EXISTS" });
    expect(await readdir(join(home, "sessions", "taken"))).toEqual(before);
  });
});
