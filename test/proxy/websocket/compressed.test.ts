import { randomBytes } from "node:crypto";
import zlib, { type InflateRaw } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocketWatcher } from "../../../src/proxy/websocket/watcher.js";
import { MemoryRecording } from "../../support/memory-recording.js";
import { bytewise, clientFrame, compress, EXCHANGE, frame, summary, watch } from "./frames.js";

// Every zlib stream that the watcher opens, to see that it closes them.
const opened = vi.hoisted((): InflateRaw[] => []);
vi.mock("node:zlib", async (original) => {
  const real = await original<typeof import("node:zlib")>();
  const createInflateRaw: typeof real.createInflateRaw = (options) => {
    const stream = real.createInflateRaw(options);
    opened.push(stream);
    return stream;
  };
  return { ...real, createInflateRaw };
});
beforeEach(() => {
  opened.length = 0;
});
afterEach(() => {
  expect(opened.every((stream) => stream.destroyed)).toBe(true);
});

const DEFLATE = "permessage-deflate";
const NO_TAKEOVER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

function rfc(hex: string, options: { opcode?: number; fin?: boolean; rsv?: number } = {}) {
  return ["server", frame({ rsv: 4, payload: Buffer.from(hex, "hex"), ...options })] as const;
}

describe("the examples of RFC 7692 section 7.2.3", () => {
  test("a message, whole, byte by byte, and in two fragments", async () => {
    const whole = Buffer.from("c107f248cdc9c90700", "hex");
    expect((await watch([["server", whole]], { extensions: DEFLATE })).messages).toEqual([
      "receive 1 Hello compressed",
    ]);
    const chunks = bytewise(whole).map((chunk) => ["server", chunk] as const);
    expect((await watch(chunks, { extensions: DEFLATE })).messages).toEqual(["receive 1 Hello compressed"]);
    const fragments = [["server", Buffer.from("4103f248cd8004c9c90700", "hex")]] as const;
    expect((await watch(fragments, { extensions: DEFLATE })).messages).toEqual([
      "receive 1 Hello compressed",
    ]);
  });

  test("the second message refers to the first", async () => {
    const watched = await watch([rfc("f248cdc9c90700"), rfc("f200110000")], { extensions: DEFLATE });
    expect(watched.messages).toEqual(["receive 1 Hello compressed", "receive 1 Hello compressed"]);
    expect(watched.malformed).toBeUndefined();
  });

  test("no compression, a final block, two blocks, an empty message", async () => {
    const watched = await watch(
      [
        rfc("000500faff48656c6c6f00"),
        rfc("f348cdc9c9070000"),
        rfc("f24805000000ffffcac9c90700"),
        rfc("00"),
        rfc("f248cdc9c90700"),
      ],
      { extensions: DEFLATE },
    );
    expect(watched.messages).toEqual([
      "receive 1 Hello compressed",
      "receive 1 Hello compressed",
      "receive 1 Hello compressed",
      "receive 1  compressed",
      "receive 1 Hello compressed",
    ]);
    expect(watched.malformed).toBeUndefined();
  });
});

describe("final blocks", () => {
  const final = (text: string) => zlib.deflateRawSync(text);

  test("a message may go on after one, and end with one, in any fragments", async () => {
    const payload = Buffer.concat([final("one "), final("two "), final("three"), Buffer.from([0])]);
    const bytes = Buffer.concat([
      frame({ rsv: 4, payload }),
      frame({ rsv: 4, payload: final("without the empty block") }),
      frame({ rsv: 4, payload: compress("after") }),
    ]);
    for (const chunks of [[bytes], bytewise(bytes)]) {
      const watched = await watch(
        chunks.map((chunk) => ["server", chunk]),
        { extensions: DEFLATE },
      );
      expect(watched.malformed).toBeUndefined();
      expect(watched.messages).toEqual([
        "receive 1 one two three compressed",
        "receive 1 without the empty block compressed",
        "receive 1 after compressed",
      ]);
    }
  });

  test("one in each message is usual", async () => {
    const watched = await watch(Array(40).fill(rfc("f348cdc9c9070000")), { extensions: DEFLATE });
    expect(watched.messages).toEqual(Array<string>(40).fill("receive 1 Hello compressed"));
  });

  test("many in one message are given up", async () => {
    const payload = Buffer.concat(Array<Buffer>(10_000).fill(final("")));
    const watched = await watch([["server", frame({ rsv: 4, payload })]], { extensions: DEFLATE });
    expect(watched.malformed).toMatch(/server frame 1: .* does not inflate \(too many final blocks\)/);
    expect(opened.length).toBeLessThan(20);
  });
});

test("a compressed message of no bytes is empty, and the messages after it are whole", async () => {
  const watched = await watch(
    [rfc(""), rfc("", { fin: false }), rfc("", { opcode: 0, rsv: 0 }), rfc("f248cdc9c90700")],
    {
      extensions: DEFLATE,
    },
  );
  expect(watched.messages).toEqual([
    "receive 1  compressed",
    "receive 1  compressed",
    "receive 1 Hello compressed",
  ]);
  expect(watched.malformed).toBeUndefined();
});

test("uncompressed messages pass in between, and directions have contexts of their own", async () => {
  const watched = await watch(
    [
      rfc("f248cdc9c90700"),
      ["client", clientFrame({ payload: "plain" })],
      ["client", clientFrame({ rsv: 4, payload: compress("mine") })],
      rfc("f200110000"),
      ["server", frame({ opcode: 9 })],
    ],
    { extensions: DEFLATE },
  );
  expect(watched.messages).toEqual([
    "receive 1 Hello compressed",
    "send 1 plain",
    "send 1 mine compressed",
    "receive 1 Hello compressed",
    "receive 9 ",
  ]);
});

describe("a message that does not inflate", () => {
  const BAD = "07"; // a block type that there is not
  const bad = rfc(BAD);

  test("is recorded as it passed, and so are the later compressed ones of its direction", async () => {
    const watched = await watch(
      [
        rfc("f248cdc9c90700"),
        bad,
        rfc("f200110000"),
        ["server", frame({ payload: "plain" })],
        ["client", clientFrame({ rsv: 4, payload: compress("mine") })],
      ],
      { extensions: DEFLATE },
    );
    expect(
      watched.recording.messages.map(({ body }) => watched.recording.bytesOf(body).toString("hex")),
    ).toEqual([
      Buffer.from("Hello").toString("hex"),
      BAD,
      "f200110000",
      Buffer.from("plain").toString("hex"),
      Buffer.from("mine").toString("hex"),
    ]);
    expect(watched.malformed).toBe(
      "server frame 2: the compressed message that begins here does not inflate (invalid block type); later compressed messages of this direction are recorded as they passed",
    );
    expect(watched.recording.openBodies).toBe(0);
  });

  test("harms no later message without context takeover", async () => {
    const watched = await watch([bad, bad, rfc("f248cdc9c90700")], { extensions: NO_TAKEOVER });
    expect(watched.messages).toHaveLength(3);
    expect(watched.messages[2]).toBe("receive 1 Hello compressed");
    expect(watched.malformed).toBe(
      "server frame 1: the compressed message that begins here does not inflate (invalid block type)",
    );
  });

  test("that stops within a block leaves nothing to a later message without context takeover", async () => {
    const unfinished = rfc("0064009bff78"); // a block of 100 uncompressed bytes, of which one is there
    const watched = await watch([unfinished, rfc("f248cdc9c90700")], { extensions: NO_TAKEOVER });
    expect(watched.messages[1]).toBe("receive 1 Hello compressed");
  });

  test("after it began to inflate is recorded as it passed, from its first byte, in any fragments", async () => {
    const start = zlib.deflateRawSync(Buffer.alloc(100_000, "abc"), {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    });
    const payload = Buffer.concat([start, Buffer.from(BAD, "hex"), Buffer.from("more")]);
    for (const cut of [1, start.length - 1, start.length, start.length + 1, start.length + 2]) {
      const watched = await watch(
        [
          ["server", frame({ rsv: 4, fin: false, payload: payload.subarray(0, cut) })],
          ["server", frame({ opcode: 0, payload: payload.subarray(cut) })],
        ],
        { extensions: NO_TAKEOVER },
      );
      const { body } = watched.recording.messages[0]!;
      expect(watched.recording.bytesOf(body).equals(payload)).toBe(true);
      expect(body.truncated).toBeUndefined();
      expect(watched.recording.openBodies).toBe(0);
    }
  });

  test("and is longer than is kept, is recorded as far as it inflated", async () => {
    const content = randomBytes(200_000);
    const start = zlib.deflateRawSync(content, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    const watched = await watch(
      [
        ["server", frame({ rsv: 4, fin: false, payload: start })],
        ["server", frame({ opcode: 0, payload: Buffer.from("07ffffffff", "hex") })],
      ],
      { extensions: DEFLATE },
    );
    const { body } = watched.recording.messages[0]!;
    expect(body.truncated).toBe("aborted");
    expect(watched.recording.bytesOf(body).equals(content)).toBe(true);
    expect(watched.recording.openBodies).toBe(0);
  });

  test("is told of beside malformed frames", async () => {
    const watched = await watch([bad, ["server", frame({ opcode: 3 })]], { extensions: NO_TAKEOVER });
    expect(watched.malformed).toMatch(
      /^server frame 1: .* does not inflate .*; server frame 2: reserved opcode 3$/,
    );
  });
});

describe("a decompression bomb", () => {
  const bomb = compress(Buffer.alloc(50 * 1024 * 1024));
  const limit = 1_000_001;

  test("is cut at the limit, and no more of it is inflated", async () => {
    const watched = await watch([["server", frame({ rsv: 4, payload: bomb })], rfc("f248cdc9c90700")], {
      extensions: DEFLATE,
      maxInflated: limit,
    });
    const [message, later] = watched.recording.messages;
    expect(message!.body).toMatchObject({ size: limit, truncated: "max-body" });
    expect(watched.recording.bytesOf(later!.body).toString("hex")).toBe("f248cdc9c90700");
    expect(watched.malformed).toMatch(
      /^server frame 1: .* too large when inflated, and is cut off; later compressed/,
    );
    expect(opened).toHaveLength(1);
    expect(opened[0]!.bytesWritten).toBeLessThan(bomb.length / 10);
  });

  test("in many frames, without context takeover: the rest of it is dropped, the next message is whole", async () => {
    const third = Math.floor(bomb.length / 3);
    const watched = await watch(
      [
        ["client", clientFrame({ rsv: 4, fin: false, payload: bomb.subarray(0, third) })],
        ["client", clientFrame({ opcode: 0, fin: false, payload: bomb.subarray(third, 2 * third) })],
        ["client", clientFrame({ opcode: 0, payload: bomb.subarray(2 * third) })],
        ["client", clientFrame({ rsv: 4, payload: compress("next") })],
      ],
      { extensions: NO_TAKEOVER, maxInflated: limit },
    );
    expect(watched.recording.messages.map(({ body }) => body.size)).toEqual([limit, 4]);
    expect(watched.messages[1]).toBe("send 1 next compressed");
  });

  test("a message of exactly the limit is whole", async () => {
    const watched = await watch([["server", frame({ rsv: 4, payload: compress(Buffer.alloc(limit)) })]], {
      extensions: DEFLATE,
      maxInflated: limit,
    });
    expect(watched.recording.messages[0]!.body.size).toBe(limit);
    expect(watched.recording.messages[0]!.body.truncated).toBeUndefined();
    expect(watched.malformed).toBeUndefined();
  });
});

describe("backpressure", () => {
  test("while the recording is behind nothing is inflated into it, and nothing is lost", async () => {
    const content = Buffer.alloc(3_000_000, "0123456789");
    const recording = new MemoryRecording({ behindAfter: 100_000 });
    const drainSoon = (): void => {
      setImmediate(() => recording.drain());
    };
    const onDrain = recording.onDrain.bind(recording);
    let waits = 0;
    recording.onDrain = (callback) => {
      waits++;
      onDrain(callback);
      drainSoon();
    };
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: DEFLATE });
    watcher.fromServer(frame({ rsv: 4, payload: compress(content) }));
    watcher.fromClient(clientFrame({ rsv: 4, payload: compress(content) }));
    await watcher.end();
    expect(waits).toBeGreaterThan(10);
    expect(recording.writesWhileBehind).toBe(0);
    expect(recording.messages.map(({ body }) => recording.bytesOf(body).equals(content))).toEqual([
      true,
      true,
    ]);
  });

  test("behind while much waits to be inflated, until it has been", async () => {
    const recording = new MemoryRecording();
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: NO_TAKEOVER });
    const content = randomBytes(300_000);
    const bytes = frame({ opcode: 2, rsv: 4, payload: compress(content) });
    expect(watcher.behind).toBe(false);
    for (let i = 0; i < 3; i++) watcher.fromServer(bytes);
    expect(watcher.behind).toBe(false);
    for (let i = 0; i < 3; i++) watcher.fromServer(bytes);
    expect(watcher.behind).toBe(true);
    await new Promise<void>((resolve) => watcher.onDrain(resolve));
    expect(watcher.behind).toBe(false);
    expect(recording.messages.length).toBeGreaterThan(3);
    expect((await watcher.end()).messageCount).toBe(6);
    let called = false;
    watcher.onDrain(() => {
      called = true;
    });
    expect(called).toBe(true);
  });

  test("many small messages leave nothing on the account", async () => {
    const recording = new MemoryRecording();
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: DEFLATE });
    const bytes = frame({ rsv: 4, payload: Buffer.from("f248cdc9c90700", "hex") });
    let waits = 0;
    for (let i = 0; i < 10_000; i++) {
      watcher.fromServer(bytes);
      if (!watcher.behind) continue;
      waits++;
      await new Promise<void>((resolve) => watcher.onDrain(resolve));
    }
    await watcher.end();
    expect(watcher.behind).toBe(false);
    expect(waits).toBeLessThan(20);
    expect(recording.messages).toHaveLength(10_000);
  });

  test("messages that wait behind a compressed one count, and are released in order", async () => {
    const recording = new MemoryRecording();
    const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions: DEFLATE });
    watcher.fromServer(frame({ rsv: 4, payload: compress("first") }));
    const text = "x".repeat(1000);
    let sent = 0;
    for (; !watcher.behind; sent++) watcher.fromClient(clientFrame({ payload: text }));
    expect(recording.messages).toEqual([]);
    expect(sent).toBeLessThan(2000);
    await watcher.end();
    expect(watcher.behind).toBe(false);
    expect(summary(recording)).toEqual([
      "receive 1 first compressed",
      ...Array<string>(sent).fill(`send 1 ${text}`),
    ]);
  });
});

test("a compressed message that the connection's end cuts short is recorded as far as it inflates", async () => {
  const content = Buffer.from("one two three four ".repeat(2000));
  const bytes = frame({ rsv: 4, payload: compress(content) });
  const watched = await watch([["server", bytes.subarray(0, bytes.length - 20)]], { extensions: DEFLATE });
  const { body } = watched.recording.messages[0]!;
  const got = watched.recording.bytesOf(body);
  expect(body.truncated).toBe("origin-closed");
  expect(got.length).toBeGreaterThan(0);
  expect(content.subarray(0, got.length).equals(got)).toBe(true);
  expect(watched.malformed).toBeUndefined();
});

test("a peer whose zlib takes a window of 2^9 where 2^8 was agreed on is understood", async () => {
  const content = randomBytes(200).toString("hex"); // 400 bytes: a reference to it reaches further than 2^8
  const flushed = zlib.deflateRawSync(content, {
    dictionary: Buffer.from(content),
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
  });
  const again = flushed.subarray(0, flushed.length - 4);
  expect(again.length).toBeLessThan(20);
  const watched = await watch(
    [
      ["server", frame({ rsv: 4, payload: compress(content) })],
      ["server", frame({ rsv: 4, payload: again })],
    ],
    { extensions: "permessage-deflate; server_max_window_bits=8" },
  );
  expect(watched.messages).toEqual(Array<string>(2).fill(`receive 1 ${content} compressed`));
});

test("ending twice while messages are inflated is ending once", async () => {
  const watcher = new WebSocketWatcher({
    exchange: EXCHANGE,
    recording: new MemoryRecording(),
    extensions: DEFLATE,
  });
  watcher.fromServer(frame({ rsv: 4, payload: compress("hello") }));
  const [one, two] = await Promise.all([watcher.end(), watcher.end()]);
  expect(one).toEqual({ messageCount: 1 });
  expect(two).toEqual(one);
});

test("no zlib stream is opened for messages that are not compressed", async () => {
  await watch(
    [
      ["server", frame({ payload: "plain" })],
      ["client", clientFrame({ payload: "plain" })],
    ],
    { extensions: DEFLATE },
  );
  expect(opened).toEqual([]);
});
