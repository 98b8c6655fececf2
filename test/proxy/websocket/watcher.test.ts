import { describe, expect, test } from "vitest";
import { WebSocketWatcher } from "../../../src/proxy/websocket/watcher.js";
import { MemoryRecording } from "../../support/memory-recording.js";
import { bytewise, clientFrame, closePayload, compress, EXCHANGE, frame, summary, watch } from "./frames.js";

const DEFLATE = "permessage-deflate";

test("messages, control frames and the close, in the order in which they were complete", async () => {
  const watched = await watch([
    ["client", clientFrame({ payload: "Hel", fin: false })],
    ["server", frame({ payload: "news" })],
    ["client", clientFrame({ opcode: 9, payload: "p" })],
    ["server", frame({ opcode: 10, payload: "p" })],
    ["client", clientFrame({ opcode: 0, payload: "lo" })],
    ["client", clientFrame({ opcode: 2, payload: Buffer.from([0xff, 0]) })],
    ["server", frame({ payload: "" })],
    ["server", frame({ opcode: 8, payload: closePayload(1001, "going away ü") })],
    ["client", clientFrame({ opcode: 8, payload: closePayload(1000, "") })],
  ]);
  expect(watched.messages).toEqual([
    "receive 1 news",
    "send 9 p",
    "receive 10 p",
    "send 1 Hello",
    "send 2 ff00",
    "receive 1 ",
    `receive 8 ${closePayload(1001, "going away ü").toString("hex")}`,
    "send 8 03e8",
  ]);
  expect(watched.close).toEqual({ by: "server", code: 1001, reason: "going away ü" });
  expect(watched.messageCount).toBe(8);
  expect(watched.malformed).toBeUndefined();
  expect(watched.recording.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(watched.recording.openBodies).toBe(0);
});

test("a message has its exchange, and the time of its last frame", async () => {
  const recording = new MemoryRecording();
  let time = Date.UTC(2024, 0, 2, 3, 4, 5, 6);
  const watcher = new WebSocketWatcher({
    exchange: EXCHANGE,
    recording,
    extensions: undefined,
    now: () => time,
  });
  watcher.fromServer(frame({ payload: "a", fin: false }));
  time += 1000;
  watcher.fromServer(frame({ opcode: 0, payload: "b" }));
  time += 1;
  watcher.fromClient(clientFrame({ opcode: 9 }));
  expect(recording.messages).toEqual([
    {
      exchange: EXCHANGE,
      seq: 1,
      time: "2024-01-02T03:04:06.006Z",
      direction: "receive",
      opcode: 1,
      body: { kind: "text", size: 2, text: "ab" },
    },
    {
      exchange: EXCHANGE,
      seq: 2,
      time: "2024-01-02T03:04:06.007Z",
      direction: "send",
      opcode: 9,
      body: { kind: "empty", size: 0 },
    },
  ]);
  await watcher.end();
});

test("a large message goes to the recording piece by piece", async () => {
  const recording = new MemoryRecording({ digestOnly: true });
  let written = 0;
  const openBody = recording.openBody.bind(recording);
  recording.openBody = (options) => {
    const writer = openBody(options);
    const write = writer.write.bind(writer);
    return {
      ...writer,
      write: (chunk) => {
        written += chunk.length;
        write(chunk);
      },
    };
  };
  const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: undefined });
  const chunk = Buffer.alloc(1024 * 1024, 0x61);
  watcher.fromServer(frame({ opcode: 2, length: 100n * 1024n * 1024n }));
  for (let i = 1; i <= 100; i++) {
    watcher.fromServer(chunk);
    expect(written).toBe(i * chunk.length);
  }
  expect(recording.messages[0]!.body.size).toBe(100 * 1024 * 1024);
  await watcher.end();
});

describe("close", () => {
  test.each([
    ["by the client", "client", closePayload(4000, "bye"), { by: "client", code: 4000, reason: "bye" }],
    ["without a body", "server", Buffer.alloc(0), { by: "server", code: null, reason: "" }],
    ["with half a code", "server", Buffer.from([3]), { by: "server", code: null, reason: "" }],
    [
      "reason not UTF-8",
      "server",
      Buffer.from([3, 0xe8, 0xff]),
      { by: "server", code: 1000, reason: "\ufffd" },
    ],
  ] as const)("%s", async (_, from, payload, close) => {
    const bytes = from === "client" ? clientFrame({ opcode: 8, payload }) : frame({ opcode: 8, payload });
    for (const chunks of [[bytes], bytewise(bytes)]) {
      const watched = await watch(chunks.map((chunk) => [from, chunk]));
      expect(watched.close).toEqual(close);
      expect(watched.messageCount).toBe(1);
    }
  });

  test("none", async () => {
    expect(await watch([["client", clientFrame({ payload: "x" })]])).not.toHaveProperty("close");
  });

  test("cut off within its frame is none, but a message", async () => {
    const bytes = frame({ opcode: 8, payload: closePayload(1000, "cut") });
    const watched = await watch([["server", bytes.subarray(0, 5)]]);
    expect(watched).not.toHaveProperty("close");
    expect(watched.messages).toEqual(["receive 8 03e863 truncated origin-closed"]);
  });
});

describe("messages that are not whole when the connection ends", () => {
  test("are recorded as far as they came, one of each side, a control frame within too", async () => {
    const watched = await watch([
      ["client", clientFrame({ payload: "Hel", fin: false })],
      ["client", clientFrame({ opcode: 9, payload: "ping" }).subarray(0, 8)],
      ["server", frame({ payload: "news" }).subarray(0, 4)],
    ]);
    expect(watched.messages).toEqual([
      "send 1 Hel truncated client-closed",
      "send 9 pi truncated client-closed",
      "receive 1 ne truncated origin-closed",
    ]);
    expect(watched.messageCount).toBe(3);
    expect(watched.recording.openBodies).toBe(0);
  });

  test("for the reason that the caller gives", async () => {
    const recording = new MemoryRecording();
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: DEFLATE });
    watcher.fromClient(clientFrame({ fin: false, payload: "a" }));
    watcher.fromServer(frame({ fin: false, rsv: 4, payload: compress("b") }));
    await watcher.end("aborted");
    expect(summary(recording)).toEqual([
      "send 1 a truncated aborted",
      "receive 1 b compressed truncated aborted",
    ]);
  });

  test("half a header is nothing", async () => {
    const watched = await watch([["client", clientFrame({ payload: "x" }).subarray(0, 5)]]);
    expect(watched.messages).toEqual([]);
    expect(watched.malformed).toBeUndefined();
  });

  test("bytes after the end are ignored, and ending twice is ending once", async () => {
    const recording = new MemoryRecording();
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: undefined });
    watcher.fromClient(clientFrame({ payload: "one" }));
    const ended = watcher.end();
    watcher.fromClient(clientFrame({ payload: "two" }));
    expect(await watcher.end()).toEqual(await ended);
    expect(summary(recording)).toEqual(["send 1 one"]);
  });
});

describe("malformed", () => {
  test("what came before is kept, the other direction goes on", async () => {
    const watched = await watch([
      ["client", clientFrame({ payload: "one" })],
      ["client", clientFrame({ payload: "half", fin: false })],
      ["client", clientFrame({ opcode: 5 })],
      ["client", clientFrame({ payload: "never" })],
      ["server", frame({ payload: "goes on" })],
    ]);
    expect(watched.messages).toEqual(["send 1 one", "send 1 half truncated aborted", "receive 1 goes on"]);
    expect(watched.malformed).toBe("client frame 3: reserved opcode 5");
    expect(watched.messageCount).toBe(3);
  });

  test("in both directions", async () => {
    const watched = await watch([
      ["server", clientFrame()],
      ["client", frame()],
    ]);
    expect(watched.malformed).toBe(
      "client frame 1: not masked, though from the client; server frame 1: masked, though from the server",
    );
  });

  test("a recording that throws, against its contract, does not reach the traffic", async () => {
    const recording = new MemoryRecording();
    let calls = 0;
    recording.openBody = () => {
      calls++;
      throw new Error("broken");
    };
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: undefined });
    watcher.fromClient(clientFrame({ payload: "x" }));
    watcher.fromClient(clientFrame({ payload: "x" }));
    expect(await watcher.end()).toEqual({ messageCount: 0, malformed: "client watching failed: broken" });
    expect(calls).toBe(1);
  });
});

test("with an unknown extension messages are recorded as they passed", async () => {
  const watched = await watch(
    [
      ["server", frame({ rsv: 4, payload: compress("hello") })],
      ["client", clientFrame({ payload: "plain" })],
      ["server", frame({ opcode: 8, rsv: 2, payload: closePayload(1000, "") })],
    ],
    { extensions: "x-webkit-deflate-frame" },
  );
  expect(watched.messages).toEqual([
    `receive 1 ${compress("hello").toString("hex")}`,
    "send 1 plain",
    "receive 8 03e8",
  ]);
  expect(watched.malformed).toBeUndefined();
});
