import { describe, expect, test } from "vitest";
import { FrameReader, type RsvRule } from "../../../src/proxy/websocket/frame-reader.js";
import { bytewise, clientFrame, type FrameParts, frame, KEY } from "./frames.js";

interface Read {
  opcode: number;
  fin: boolean;
  rsv: number;
  payload: Buffer;
}

function read(chunks: readonly Buffer[], { masked = false, rsvRule = "none" as RsvRule } = {}) {
  const frames: Read[] = [];
  const faults: string[] = [];
  const pieces: Buffer[] = [];
  let ended = 0;
  const reader = new FrameReader(masked, rsvRule, {
    frameStart: ({ opcode, fin, rsv, length }) => {
      frames.push({ opcode, fin, rsv, payload: Buffer.alloc(0) });
      expect(Number.isSafeInteger(length)).toBe(true);
    },
    payload: (piece, endsFrame) => {
      pieces.push(piece);
      const last = frames.at(-1)!;
      last.payload = Buffer.concat([last.payload, piece]);
      if (endsFrame) ended++;
    },
    malformed: (reason) => faults.push(reason),
  });
  for (const chunk of chunks) reader.push(chunk);
  return { frames, faults, ended, pieces };
}

describe("the examples of RFC 6455 section 5.7", () => {
  test.each<[string, string, boolean, Partial<Read>[]]>([
    ["unmasked text", "810548656c6c6f", false, [{ opcode: 1, fin: true, payload: Buffer.from("Hello") }]],
    [
      "masked text",
      "818537fa213d7f9f4d5158",
      true,
      [{ opcode: 1, fin: true, payload: Buffer.from("Hello") }],
    ],
    [
      "fragmented text",
      "010348656c80026c6f",
      false,
      [
        { opcode: 1, fin: false, payload: Buffer.from("Hel") },
        { opcode: 0, fin: true, payload: Buffer.from("lo") },
      ],
    ],
    ["ping", "890548656c6c6f", false, [{ opcode: 9, payload: Buffer.from("Hello") }]],
    ["masked pong", "8a8537fa213d7f9f4d5158", true, [{ opcode: 10, payload: Buffer.from("Hello") }]],
  ])("%s", (_, hex, masked, expected) => {
    expect(read([Buffer.from(hex, "hex")], { masked }).frames).toMatchObject(expected);
    expect(read(bytewise(Buffer.from(hex, "hex")), { masked }).frames).toMatchObject(expected);
  });
});

describe("each form of a frame, whole and byte by byte", () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537];
  const forms = lengths.flatMap((length) =>
    ([7, 16, 64] as const)
      .filter((form) => !(form === 7 && length > 125) && !(form === 16 && length > 65_535))
      .flatMap((lengthForm) => [true, false].map((masked) => ({ length, lengthForm, masked }))),
  );
  test.each(forms)(
    "$length bytes, length in $lengthForm bits, masked $masked",
    ({ length, lengthForm, masked }) => {
      const payload = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255));
      const bytes = frame({ opcode: 2, payload, lengthForm, ...(masked ? { key: KEY } : {}) });
      const before = Buffer.from(bytes);
      const whole = read([bytes], { masked });
      expect(whole.faults).toEqual([]);
      expect(whole.frames.map((each) => each.payload.equals(payload))).toEqual([true]);
      expect(whole.ended).toBe(1);
      // Byte by byte as far as the header goes: the payload's own splitting is the property test's.
      const headed = read([...bytewise(bytes.subarray(0, 20)), bytes.subarray(20)], { masked });
      expect(headed.frames.map((each) => each.payload.equals(payload))).toEqual([true]);
      expect(headed.ended).toBe(1);
      expect(bytes.equals(before)).toBe(true);
    },
  );
});

describe("what is malformed stops the reading, and says where", () => {
  const good = clientFrame({ payload: "ok" });
  const cases: [string, FrameParts[], string, RsvRule?][] = [
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, FrameParts[], string] => [
      `opcode ${opcode}`,
      [{ opcode }],
      `frame 2: reserved opcode ${opcode}`,
    ]),
    ["unmasked client frame", [{ key: undefined }], "frame 2: not masked, though from the client"],
    [
      "long ping",
      [{ opcode: 9, payload: Buffer.alloc(126) }],
      "frame 2: a control frame of 126 bytes, more than 125",
    ],
    ["fragmented close", [{ opcode: 8, fin: false }], "frame 2: a control frame is fragmented"],
    ["continuation of nothing", [{ opcode: 0 }], "frame 2: a continuation of no message"],
    [
      "continuation after the end",
      [{ fin: false }, { opcode: 0 }, { opcode: 0 }],
      "frame 4: a continuation of no message",
    ],
    [
      "message within a message",
      [{ fin: false }, { opcode: 9 }, { opcode: 2 }],
      "frame 4: a new message inside a fragmented one",
    ],
    ["2^53 bytes", [{ length: 2n ** 53n }], "frame 2: a payload length of 2^53 or more"],
    ["2^63 bytes", [{ length: 2n ** 63n }], "frame 2: a payload length of 2^53 or more"],
    ["2^64 - 1 bytes", [{ length: 2n ** 64n - 1n }], "frame 2: a payload length of 2^53 or more"],
    ["RSV1", [{ rsv: 4 }], "frame 2: an RSV bit is set, but no extension was agreed on"],
    ["RSV3", [{ rsv: 1 }], "frame 2: an RSV bit is set, but no extension was agreed on"],
    ["RSV2", [{ rsv: 6 }], "frame 2: RSV2 or RSV3 is set, which permessage-deflate does not use", "deflate"],
    [
      "RSV1 on a continuation",
      [
        { fin: false, rsv: 4 },
        { opcode: 0, rsv: 4 },
      ],
      "frame 3: RSV1 is set on a frame that does not begin a message",
      "deflate",
    ],
    [
      "RSV1 on a ping",
      [{ opcode: 9, rsv: 4 }],
      "frame 2: RSV1 is set on a frame that does not begin a message",
      "deflate",
    ],
  ];
  test.each(cases)("%s", (_, parts, fault, rsvRule = "none") => {
    const bytes = Buffer.concat([good, ...parts.map((each) => clientFrame(each)), good, good]);
    for (const chunks of [[bytes], bytewise(bytes)]) {
      const { frames, faults } = read(chunks, { masked: true, rsvRule });
      expect(faults).toEqual([fault]);
      expect(frames).toHaveLength(parts.length);
      expect(frames[0]!.payload.toString()).toBe("ok");
    }
  });

  test("a masked frame of the server", () => {
    const { frames, faults } = read([frame({ payload: "ok" }), good]);
    expect(faults).toEqual(["frame 2: masked, though from the server"]);
    expect(frames).toHaveLength(1);
  });
});

test("with an unknown extension every RSV bit is legal, on control frames too", () => {
  const bytes = Buffer.concat([1, 2, 9].map((opcode) => frame({ opcode, rsv: 7, payload: "x" })));
  const { frames, faults } = read([bytes], { rsvRule: "any" });
  expect(faults).toEqual([]);
  expect(frames.map((each) => each.rsv)).toEqual([7, 7, 7]);
});

test("the largest length that counts exactly is taken", () => {
  const bytes = Buffer.concat([frame({ length: 2n ** 53n - 1n }), Buffer.from("the first bytes")]);
  const { frames, faults, ended } = read([bytes]);
  expect(faults).toEqual([]);
  expect(frames[0]!.payload.toString()).toBe("the first bytes");
  expect(ended).toBe(0);
});

describe("memory that a kept piece holds on to", () => {
  test("a small piece of an unfinished message does not hold a large chunk", () => {
    const flood = frame({ opcode: 9, payload: Buffer.alloc(100) });
    const bytes = Buffer.concat([frame({ fin: false, payload: "x" }), ...Array<Buffer>(600).fill(flood)]);
    const [first] = read([bytes]).pieces;
    expect(first!.toString()).toBe("x");
    expect(first!.buffer.byteLength).toBeLessThan(100);
  });

  test("nor a masked one Buffer's pool", () => {
    const [first] = read([clientFrame({ fin: false, payload: "x" })], { masked: true }).pieces;
    expect(first!.toString()).toBe("x");
    expect(first!.buffer.byteLength).toBeLessThan(100);
  });

  test("a large piece is not copied", () => {
    const chunk = Buffer.allocUnsafeSlow(4096);
    frame({ fin: false, payload: Buffer.alloc(4000) }).copy(chunk);
    expect(read([chunk.subarray(0, 4004)]).pieces[0]!.buffer).toBe(chunk.buffer);
  });
});
