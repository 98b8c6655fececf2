// The server's side of SOCKS as bytes: every form, every cut, and whatever anyone might send.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { credentialCheck } from "../../src/proxy/proxy-auth.js";
import { SocksHandshake, type SocksStep } from "../../src/proxy/socks-handshake.js";
import { fuzzFor } from "../support/fuzz.js";

const CHECK = credentialCheck({ user: "me", password: "p:w" });
const NAME = [..."example.com"].map((character) => character.charCodeAt(0));
const HOST5 = [5, 1, 0, 3, NAME.length, ...NAME, 0x1f, 0x90];
const LOGIN = [1, 2, 0x6d, 0x65, 3, 0x70, 0x3a, 0x77];

interface Outcome {
  readonly replies: number[][];
  readonly end: SocksStep;
  /** What no step used. */
  readonly rest: number[];
}

/** Feeds the pieces as a connection would. */
function talk(pieces: readonly (readonly number[])[], check = false): Outcome {
  const handshake = new SocksHandshake(check ? CHECK : undefined);
  const replies: number[][] = [];
  let bytes: Buffer = Buffer.alloc(0);
  let step: SocksStep = { kind: "more" };
  for (const piece of pieces) {
    bytes = Buffer.concat([bytes, Buffer.from(piece)]);
    for (;;) {
      step = handshake.receive(bytes);
      if (step.kind !== "reply") break;
      if (step.used < 1 || step.used > bytes.length) throw new Error(`used ${step.used}`);
      replies.push([...step.reply]);
      bytes = bytes.subarray(step.used);
    }
    if (step.kind === "refuse") break;
    if (step.kind === "connect") {
      bytes = bytes.subarray(step.used);
      break;
    }
  }
  return { replies, end: step, rest: [...bytes] };
}

describe("SOCKS5", () => {
  test.each([
    ["a name", HOST5, "example.com", 8080],
    ["an IPv4 address", [5, 1, 0, 1, 127, 0, 0, 1, 0, 80], "127.0.0.1", 80],
    ["an IPv6 address", [5, 1, 0, 4, ...new Array(15).fill(0), 1, 1, 187], "0:0:0:0:0:0:0:1", 443],
    ["an IPv6 address as a name", [5, 1, 0, 3, 3, 0x3a, 0x3a, 0x31, 1, 187], "::1", 443],
  ])("connects to %s", (_form, request, host, port) => {
    const outcome = talk([[5, 1, 0], request]);
    expect(outcome.replies).toEqual([[5, 0]]);
    expect(outcome.end).toMatchObject({ kind: "connect", host, port });
  });

  test("all at once, with what follows, is understood and left alone", () => {
    const outcome = talk([[5, 2, 0, 2, ...HOST5, 22, 3, 1]]);
    expect(outcome).toMatchObject({ end: { kind: "connect", host: "example.com" }, rest: [22, 3, 1] });
  });

  test("credentials right, wrong, not offered; any where none are wanted", () => {
    expect(talk([[5, 2, 0, 2], LOGIN, HOST5], true)).toMatchObject({
      replies: [
        [5, 2],
        [1, 0],
      ],
      end: { kind: "connect" },
    });
    const wrong = [...LOGIN.slice(0, -1), 0x58];
    expect(talk([[5, 1, 2], wrong, HOST5], true).end).toMatchObject({
      kind: "refuse",
      reply: Buffer.from([1, 1]),
      message: expect.stringContaining("wrong user or password"),
    });
    expect(talk([[5, 1, 0], HOST5], true).end).toMatchObject({
      kind: "refuse",
      reply: Buffer.from([5, 255]),
    });
    expect(talk([[5, 1, 2], wrong, HOST5]).end).toMatchObject({ kind: "connect" });
  });

  test.each([
    ["BIND", [5, 2, 0, 1, 1, 2, 3, 4, 0, 80], 7],
    ["UDP", [5, 3, 0, 1, 1, 2, 3, 4, 0, 80], 7],
    ["an unknown address type", [5, 1, 0, 9, 1, 2, 3, 4, 0, 80], 8],
    ["port 0", [5, 1, 0, 1, 1, 2, 3, 4, 0, 0], 1],
    ["an empty name", [5, 1, 0, 3, 0, 0, 80], 1],
    ["a name with a line break", [5, 1, 0, 3, 4, 0x61, 13, 10, 0x61, 0, 80], 1],
    ["a name with a port", [5, 1, 0, 3, 4, 0x61, 0x3a, 0x38, 0x30, 0, 80], 1],
    ["a name of bytes over 127", [5, 1, 0, 3, 2, 0xc3, 0xa9, 0, 80], 1],
    ["another version", [6, 1, 0, 1, 1, 2, 3, 4, 0, 80], 1],
  ])("refuses %s", (_what, request, code) => {
    const { end } = talk([[5, 1, 0], request]);
    expect(end).toMatchObject({ kind: "refuse", reply: Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]) });
  });
});

describe("SOCKS4", () => {
  test.each([
    ["an address", [4, 1, 0, 80, 127, 0, 0, 1, 0x6d, 0x65, 0], "127.0.0.1"],
    ["a name (4a)", [4, 1, 0, 80, 0, 0, 0, 1, 0, ...NAME, 0], "example.com"],
  ])("connects to %s", (_form, request, host) => {
    expect(talk([request]).end).toMatchObject({ kind: "connect", host, port: 80, used: request.length });
  });

  test.each([
    ["BIND", [4, 2, 0, 80, 127, 0, 0, 1, 0]],
    ["a user without end", [4, 1, 0, 80, 127, 0, 0, 1, ...new Array(256).fill(0x61)]],
    ["a name without end", [4, 1, 0, 80, 0, 0, 0, 1, 0, ...new Array(256).fill(0x61)]],
    ["port 0", [4, 1, 0, 0, 127, 0, 0, 1, 0]],
  ])("refuses %s", (_what, request) => {
    expect(talk([request]).end).toMatchObject({
      kind: "refuse",
      reply: Buffer.from([0, 0x5b, 0, 0, 0, 0, 0, 0]),
    });
  });

  test("has no password, so none of it with credentials", () => {
    expect(talk([[4, 1, 0, 80, 127, 0, 0, 1, 0]], true).end).toMatchObject({
      kind: "refuse",
      message: expect.stringContaining("SOCKS5"),
    });
  });
});

test("cut anywhere, the outcome is the same", () => {
  const conversations = [
    [5, 2, 0, 2, ...LOGIN, ...HOST5],
    [5, 1, 2, ...LOGIN, 5, 1, 0, 4, ...new Array(16).fill(7), 1, 187],
  ];
  const four = [4, 1, 0, 80, 0, 0, 0, 1, 0x6d, 0, ...NAME, 0];
  for (const [bytes, check] of [
    ...conversations.map((each) => [each, true] as const),
    [four, false] as const,
  ]) {
    const whole = talk([bytes], check);
    expect(whole.end.kind).toBe("connect");
    for (let cut = 1; cut < bytes.length; cut++) {
      const { end, replies } = talk([bytes.slice(0, cut), bytes.slice(cut)], check);
      expect({ ...end, used: 0 }).toEqual({ ...whole.end, used: 0 });
      expect(replies).toEqual(whole.replies);
    }
    const { end } = talk(
      bytes.map((byte) => [byte]),
      check,
    );
    expect({ ...end, used: 0 }).toEqual({ ...whole.end, used: 0 });
  }
});

test("whatever is sent, it never throws, decides within 800 bytes, and names only hosts", () => {
  const interesting = fc.oneof(
    fc.constantFrom(
      ...[[5, 1, 0], [5, 1, 2], [5, 2, 0, 2], LOGIN, HOST5, [4, 1, 0, 80, 0, 0, 0, 1]].map((each) =>
        Uint8Array.from(each),
      ),
    ),
    fc.uint8Array({ maxLength: 300 }),
  );
  const first = fc.constantFrom(Uint8Array.of(4), Uint8Array.of(5));
  fc.assert(
    fc.property(first, fc.array(interesting, { maxLength: 6 }), fc.boolean(), (version, parts, check) => {
      const { end } = talk(
        [version, ...parts].map((part) => [...part]),
        check,
      );
      const padded = talk(
        [version, ...parts, new Uint8Array(800).fill(0x61)].map((part) => [...part]),
        check,
      );
      // Two texts of 255 bytes with their lengths, and what is around them, are the most it ever waits for.
      expect(padded.end.kind).not.toBe("more");
      for (const step of [end, padded.end]) {
        if (step.kind !== "connect") continue;
        expect(step.host).toMatch(/^[\x21-\x7e]{1,255}$/);
        expect(step.host).not.toMatch(/[\s/?#@[\]\\]/);
        expect(step.port).toBeGreaterThan(0);
      }
    }),
    fuzzFor(2_000),
  );
});
