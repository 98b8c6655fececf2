import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WebSocketWatcher } from "../../../src/proxy/websocket/watcher.js";
import { fuzzFor } from "../../support/fuzz.js";
import { MemoryRecording } from "../../support/memory-recording.js";
import { clientFrame, compress, EXCHANGE, frame } from "./frames.js";

const extensions = fc.constantFrom(
  undefined,
  "permessage-deflate",
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
  "x-unknown",
);
// Without a size fast-check keeps arrays at about 10 elements.
const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: "max" }).map((array) => Buffer.from(array));
const LIMIT = 100_000;

async function survive(chunks: readonly Buffer[], agreed: string | undefined): Promise<MemoryRecording> {
  const recording = new MemoryRecording();
  const watcher = new WebSocketWatcher({
    exchange: EXCHANGE,
    recording,
    extensions: agreed,
    maxInflated: LIMIT,
  });
  const before = chunks.map((chunk) => Buffer.from(chunk));
  for (const chunk of chunks) {
    watcher.fromClient(chunk);
    watcher.fromServer(chunk);
  }
  const { messageCount } = await watcher.end();
  expect(recording.openBodies).toBe(0);
  expect(recording.messages.map(({ seq }) => seq)).toEqual(
    Array.from({ length: messageCount }, (_, i) => i + 1),
  );
  const passed = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  for (const { compressed, body } of recording.messages) {
    expect(body.size).toBeLessThanOrEqual(compressed === true ? LIMIT : passed);
  }
  expect(chunks.every((chunk, i) => chunk.equals(before[i]!))).toBe(true);
  expect(watcher.behind).toBe(false);
  return recording;
}

const survives = async (chunks: readonly Buffer[], agreed: string | undefined): Promise<void> => {
  await survive(chunks, agreed);
};

describe("hostile bytes: nothing throws, nothing stays open, nothing grows beyond its bounds", () => {
  test("random ones", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes(200), { maxLength: 20, size: "max" }), extensions, survives),
      fuzzFor(400),
    );
  });

  test("random payloads in compressed frames", async () => {
    const compressedFrame = fc
      .record({ payload: bytes(300), fin: fc.boolean(), first: fc.boolean(), client: fc.boolean() })
      .map(({ payload, fin, first, client }) =>
        (client ? clientFrame : frame)({ payload, fin, opcode: first ? 1 : 0, rsv: first ? 4 : 0 }),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(compressedFrame, { maxLength: 10, size: "max" }), extensions, survives),
      fuzzFor(300),
    );
  });

  test("good ones with bits flipped", async () => {
    const good = Buffer.concat([
      ...["one", "two, ".repeat(300)].flatMap((text) => [
        frame({ rsv: 4, payload: compress(text) }),
        frame({ fin: false, payload: text }),
        frame({ opcode: 9, payload: "ping" }),
        frame({ opcode: 0, payload: text }),
      ]),
      frame({ opcode: 8, payload: "\u0003\u00e8" }),
    ]);
    let recorded = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: good.length * 8 - 1 }), { minLength: 1, maxLength: 4, size: "max" }),
        fc.nat({ max: good.length }),
        extensions,
        async (flips, cut, agreed) => {
          const bad = Buffer.from(good);
          for (const bit of flips) bad[bit >> 3]! ^= 1 << (bit & 7);
          recorded += (await survive([bad.subarray(0, cut), bad.subarray(cut)], agreed)).messages.length;
        },
      ),
      fuzzFor(400),
    );
    expect(recorded).toBeGreaterThan(0);
  });
});
