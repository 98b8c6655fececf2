// The ws package as a real client and a real server, through a relay that the watcher looks into.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from "ws";
import { MemoryRecording } from "../../support/memory-recording.js";
import { relay } from "./relay.js";

interface Sent {
  readonly direction: "send" | "receive";
  readonly opcode: number;
  readonly size: number;
  readonly sha256: string;
}

const TEXT = "The quick brown fox jumps over the lazy dog. ";

/** Messages of many sizes; the large ones have both what compresses and what does not. */
function contents(large: number): (string | Buffer)[] {
  return [
    "",
    "x",
    TEXT,
    TEXT,
    Buffer.from([0, 255, 128]),
    TEXT.repeat(2000),
    randomBytes(70_000),
    Buffer.concat([randomBytes(large), Buffer.alloc(large, TEXT)]),
  ];
}

function describeSent(direction: Sent["direction"], content: string | Buffer): Sent {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { direction, opcode: typeof content === "string" ? 1 : 2, size: Buffer.byteLength(content), sha256 };
}

async function converse(
  serverDeflate: PerMessageDeflateOptions | boolean,
  clientDeflate: PerMessageDeflateOptions | boolean,
  large: number,
) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: serverDeflate });
  await once(server, "listening");
  const recording = new MemoryRecording({ digestOnly: true });
  const between = await relay((server.address() as AddressInfo).port, recording);
  const sent: Sent[] = [];
  try {
    const accepted = once(server, "connection");
    const client = new WebSocket(`ws://127.0.0.1:${between.port}`, { perMessageDeflate: clientDeflate });
    await once(client, "open");
    const peer: WebSocket = (await accepted)[0];
    // Turn by turn, so that the order across both directions is known; then all at once.
    for (const content of contents(large)) {
      sent.push(describeSent("send", content));
      client.send(content);
      await once(peer, "message");
      sent.push(describeSent("receive", content));
      peer.send(content);
      await once(client, "message");
    }
    for (let i = 0; i < 200; i++) {
      const content = `${i} ${TEXT.repeat(i)}`;
      sent.push(describeSent("receive", content));
      peer.send(content);
    }
    // In fragments, a ping within.
    const parts = [TEXT, TEXT.repeat(100), TEXT];
    const received = once(peer, "message");
    client.send(parts[0]!, { fin: false });
    client.send(parts[1]!, { fin: false });
    client.ping("within");
    client.send(parts[2]!, { fin: true });
    await received;
    client.close(4001, "enough");
    const watched = await between.watched;
    return { sent, recording, watched, fragmented: describeSent("send", parts.join("")) };
  } finally {
    between.close();
    server.close();
  }
}

const sides: PerMessageDeflateOptions[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverMaxWindowBits: 9 },
  { clientMaxWindowBits: 10 },
];
const combinations: PerMessageDeflateOptions[] = [
  {},
  ...sides.flatMap((one, i) => sides.slice(i + 1).map((other) => ({ ...one, ...other }))),
  {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 8,
    clientMaxWindowBits: 8,
  },
];

describe.concurrent("the ws package", () => {
  test.each(combinations)("permessage-deflate %j", async (options) => {
    const conversation = await converse({ ...options, threshold: 0 }, { threshold: 0 }, 300_000);
    await expectAll(conversation, true);
    for (const name of Object.keys(options)) {
      const parameter = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      expect(conversation.watched.extensions).toContain(parameter);
    }
  });

  test("compressed and uncompressed messages of one direction (ws leaves small ones uncompressed)", async () => {
    const conversation = await converse({ serverNoContextTakeover: true }, true, 1000);
    await expectAll(conversation, true);
    const compressed = conversation.recording.messages
      .filter((each) => each.compressed === true && each.direction === "receive")
      .map(({ body }) => body.size);
    expect(compressed.length).toBeGreaterThan(0);
    expect(Math.min(...compressed)).toBeGreaterThanOrEqual(1024);
  });

  test("no extension, large messages", async () => {
    await expectAll(await converse(false, false, 5_000_000), false);
  });
});

async function expectAll(
  { sent, recording, watched, fragmented }: Awaited<ReturnType<typeof converse>>,
  deflate: boolean,
) {
  expect(watched.extensions === undefined).toBe(!deflate);
  expect(watched.malformed).toBeUndefined();
  expect(watched.close).toEqual({ by: "client", code: 4001, reason: "enough" });
  const data = recording.messages.filter(({ opcode }) => opcode < 8);
  const seen = data.map(
    ({ direction, opcode, body }): Sent => ({
      direction,
      opcode,
      size: body.size,
      sha256: recording.sha256Of(body)!,
    }),
  );
  const turns = sent.length - 200;
  expect(seen.slice(0, turns)).toEqual(sent.slice(0, turns));
  const rest = seen.slice(turns);
  expect(rest.filter(({ direction }) => direction === "receive")).toEqual(sent.slice(turns));
  expect(rest.filter(({ direction }) => direction === "send")).toEqual([fragmented]);
  expect(data.some((each) => each.compressed === true)).toBe(deflate);
  const control = recording.messages
    .filter(({ opcode }) => opcode >= 8)
    .map(({ direction, opcode }) => `${direction} ${opcode}`);
  expect(control.sort()).toEqual(["receive 10", "receive 8", "send 8", "send 9"]);
  expect(watched.messageCount).toBe(recording.messages.length);
  expect(recording.openBodies).toBe(0);
}
