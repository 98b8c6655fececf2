import { constants, createDeflateRaw, type DeflateRaw } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WebSocketWatcher } from "../../../src/proxy/websocket/watcher.js";
import { MemoryRecording } from "../../support/memory-recording.js";
import { EXCHANGE, frame } from "./frames.js";

interface Control {
  readonly opcode: number;
  readonly payload: Buffer;
}

interface Message {
  readonly opcode: number;
  readonly compressed: boolean;
  readonly payload: Buffer;
  /** Where to cut it into frames. */
  readonly cuts: number[];
  /** Control frames in front of each frame. */
  readonly controls: Control[][];
}

// Without a size fast-check keeps arrays at about 10 elements.
const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: "max" }).map((array) => Buffer.from(array));
const payload = fc.oneof(
  bytes(40),
  fc
    .tuple(bytes(6), fc.integer({ min: 0, max: 12_000 }))
    .map(([unit, times]) => Buffer.alloc(unit.length * times, unit)),
);
const control = fc.record({ opcode: fc.constantFrom(9, 10), payload: bytes(125) });
const message: fc.Arbitrary<Message> = fc.record({
  opcode: fc.constantFrom(1, 2),
  compressed: fc.boolean(),
  payload,
  cuts: fc.array(
    fc.double({ min: 0, max: 1, noNaN: true }).map((at) => Math.round(at * 1000)),
    { maxLength: 4, size: "max" },
  ),
  controls: fc.array(fc.array(control, { maxLength: 2, size: "max" }), {
    minLength: 5,
    maxLength: 5,
    size: "max",
  }),
});
const key = bytes(4).filter((array) => array.length === 4);

interface Expected {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly compressed: boolean;
}

/** What the wire holds, and the messages in the order in which they end. */
async function encode(
  messages: readonly Message[],
  keys: readonly Buffer[] | null,
  deflate: ((payload: Buffer) => Promise<Buffer>) | null,
): Promise<{ wire: Buffer; expected: Expected[] }> {
  const frames: Buffer[] = [];
  const expected: Expected[] = [];
  const add = (parts: { opcode: number; payload: Buffer; fin?: boolean; rsv?: number }): void => {
    frames.push(frame({ ...parts, key: keys?.[frames.length % keys.length] }));
  };
  for (const { opcode, compressed, payload: content, cuts, controls } of messages) {
    const isCompressed = compressed && deflate !== null;
    const body = isCompressed ? await deflate(content) : content;
    const ends = [
      ...cuts.map((cut) => Math.floor((cut * body.length) / 1000)).sort((a, b) => a - b),
      body.length,
    ];
    ends.forEach((end, i) => {
      for (const each of controls[i] ?? []) {
        add(each);
        expected.push({ ...each, compressed: false });
      }
      const first = i === 0;
      add({
        opcode: first ? opcode : 0,
        rsv: first && isCompressed ? 4 : 0,
        fin: i === ends.length - 1,
        payload: body.subarray(first ? 0 : ends[i - 1]!, end),
      });
    });
    expected.push({ opcode, payload: content, compressed: isCompressed });
  }
  return { wire: Buffer.concat(frames), expected };
}

/** Compresses message after message, as RFC 7692 section 7.2.1 has it. */
function deflater(windowBits: number, contextTakeover: boolean) {
  const stream: DeflateRaw = createDeflateRaw({ windowBits });
  const out: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => out.push(chunk));
  return {
    deflate: (content: Buffer) =>
      new Promise<Buffer>((resolve) => {
        const flushed = (): void => {
          const all = Buffer.concat(out.splice(0));
          if (!contextTakeover) stream.reset();
          resolve(all.subarray(0, all.length - 4));
        };
        if (content.length === 0) return resolve(Buffer.from([0]));
        stream.write(content);
        stream.flush(constants.Z_SYNC_FLUSH, flushed);
      }),
    close: () => stream.destroy(),
  };
}

function chunked(wire: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < wire.length; i++) {
    const size = Math.min(wire.length - at, sizes[i % sizes.length]!);
    chunks.push(wire.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const extensions = fc.option(
  fc.record({ client: fc.boolean(), server: fc.boolean(), bits: fc.integer({ min: 9, max: 15 }) }),
  { nil: null },
);
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 70_000 })), {
  minLength: 1,
  maxLength: 6,
  size: "max",
});

describe("whatever the messages, fragments, masks, control frames and chunks", () => {
  test("exactly the messages are recorded, each direction in order, and the bytes are left alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 5, size: "max" }),
        fc.array(message, { maxLength: 5, size: "max" }),
        fc.array(key, { minLength: 1, maxLength: 5, size: "max" }),
        extensions,
        sizes,
        sizes,
        async (sent, received, keys, agreed, clientSizes, serverSizes) => {
          const client = deflater(agreed?.bits ?? 15, agreed?.client ?? true);
          const server = deflater(agreed?.bits ?? 15, agreed?.server ?? true);
          const send = await encode(sent, keys, agreed && client.deflate);
          const receive = await encode(received, null, agreed && server.deflate);
          client.close();
          server.close();
          const before = [Buffer.from(send.wire), Buffer.from(receive.wire)];
          const recording = new MemoryRecording();
          const watcher = new WebSocketWatcher({
            exchange: EXCHANGE,
            recording,
            extensions: agreed === null ? undefined : header(agreed),
          });

          const clientChunks = chunked(send.wire, clientSizes);
          const serverChunks = chunked(receive.wire, serverSizes);
          for (let i = 0; i < Math.max(clientChunks.length, serverChunks.length); i++) {
            if (i < clientChunks.length) watcher.fromClient(clientChunks[i]!);
            if (i < serverChunks.length) watcher.fromServer(serverChunks[i]!);
            if (watcher.behind) await new Promise<void>((resolve) => watcher.onDrain(resolve));
          }
          const { messageCount, malformed } = await watcher.end();

          expect(malformed).toBeUndefined();
          expect(recorded(recording, "send")).toEqual(readable(send.expected));
          expect(recorded(recording, "receive")).toEqual(readable(receive.expected));
          expect(messageCount).toBe(send.expected.length + receive.expected.length);
          expect(recording.messages.map(({ seq }) => seq)).toEqual(recording.messages.map((_, i) => i + 1));
          expect(recording.openBodies).toBe(0);
          expect(send.wire.equals(before[0]!) && receive.wire.equals(before[1]!)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});

function header(agreed: { client: boolean; server: boolean; bits: number }): string {
  let value = `permessage-deflate; client_max_window_bits=${agreed.bits}; server_max_window_bits=${agreed.bits}`;
  if (!agreed.client) value += "; client_no_context_takeover";
  if (!agreed.server) value += "; server_no_context_takeover";
  return value;
}

function recorded(recording: MemoryRecording, direction: "send" | "receive"): string[] {
  return recording.messages
    .filter((each) => each.direction === direction)
    .map(
      ({ opcode, compressed, body }) =>
        `${opcode} ${compressed === true} ${recording.sha256Of(body)} ${body.size} ${body.truncated}`,
    );
}

function readable(expected: readonly Expected[]): string[] {
  const scratch = new MemoryRecording();
  return expected.map(({ opcode, payload: content, compressed }) => {
    const writer = scratch.openBody({ id: EXCHANGE, part: "message" });
    writer.write(content);
    return `${opcode} ${compressed} ${scratch.sha256Of(writer.end())} ${content.length} undefined`;
  });
}

test("order across both directions is the order in which messages were complete", async () => {
  const turns = fc.array(
    fc.record({
      from: fc.constantFrom("client" as const, "server" as const),
      compressed: fc.boolean(),
      size: fc.integer({ min: 0, max: 30_000 }),
    }),
    { maxLength: 30, size: "max" },
  );
  await fc.assert(
    fc.asyncProperty(turns, async (all) => {
      const client = deflater(15, true);
      const server = deflater(15, true);
      const recording = new MemoryRecording();
      const watcher = new WebSocketWatcher({
        exchange: EXCHANGE,
        recording,
        extensions: "permessage-deflate",
      });
      const texts: string[] = [];
      const frames: (readonly ["client" | "server", Buffer])[] = [];
      for (const [i, { from, compressed, size }] of all.entries()) {
        const text = `${from} ${i} ${"x".repeat(size)}`;
        texts.push(text);
        const body = compressed
          ? await (from === "client" ? client : server).deflate(Buffer.from(text))
          : text;
        frames.push([
          from,
          frame({
            payload: body,
            rsv: compressed ? 4 : 0,
            key: from === "client" ? Buffer.alloc(4, i) : undefined,
          }),
        ]);
      }
      for (const [from, each] of frames)
        from === "client" ? watcher.fromClient(each) : watcher.fromServer(each);
      await watcher.end();
      expect(recording.messages.map(({ body }) => (body.kind === "text" ? body.text : body.kind))).toEqual(
        texts,
      );
      client.close();
      server.close();
    }),
    { numRuns: 40 },
  );
});
