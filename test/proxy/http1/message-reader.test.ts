import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkedDecoder } from "../../../src/proxy/http1/chunked.js";
import { parseRequestHead, type RequestHead } from "../../../src/proxy/http1/head.js";
import { MalformedMessage } from "../../../src/proxy/http1/malformed.js";
import { MessageReader } from "../../../src/proxy/http1/message-reader.js";
import { fuzzFor } from "../../support/fuzz.js";
import { arbitraryCuts, split } from "../../support/pieces.js";

interface Read {
  readonly target: string;
  readonly wire: string;
  readonly data: string;
  readonly trailers: unknown;
}

/** Reads all messages in these pieces; each next one as soon as the one before is complete. */
function readAll(pieces: readonly Buffer[]): Read[] {
  const messages: Read[] = [];
  let head: RequestHead | undefined;
  let wire: Buffer[] = [];
  let data: Buffer[] = [];
  const reader = new MessageReader(
    parseRequestHead,
    {
      onHead: (read) => {
        head = read;
        return read.framing;
      },
      onBody: (bytes, parts) => {
        wire.push(bytes);
        data.push(...parts);
      },
      onEnd: (trailers) => {
        messages.push({
          target: head?.target ?? "",
          wire: Buffer.concat(wire).toString("latin1"),
          data: Buffer.concat(data).toString("latin1"),
          trailers,
        });
        wire = [];
        data = [];
        reader.next();
      },
    },
    { bareLineFeeds: false },
  );
  for (const piece of pieces) reader.feed(piece);
  return messages;
}

const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

const chunkedBody = fc
  .array(
    body.filter((text) => text.length > 0),
    { maxLength: 5 },
  )
  .map((chunks) => ({
    data: chunks.join(""),
    wire: `${chunks.map((chunk) => `${chunk.length.toString(16)};ext="a;b"\r\n${chunk}\r\n`).join("")}000\r\nT: 1\r\n\r\n`,
  }));

const message = fc.oneof(
  fc.constant({ head: "GET /none HTTP/1.1\r\nHost: x\r\n\r\n", wire: "", data: "" }),
  body.map((text) => ({
    head: `POST /length HTTP/1.1\r\nContent-Length: ${text.length}\r\n\r\n`,
    wire: text,
    data: text,
  })),
  chunkedBody.map(({ wire, data }) => ({
    head: "POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    wire,
    data,
  })),
);

describe("a message reader", () => {
  test("finds the same messages however the bytes are cut, and hands every byte on", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), arbitraryCuts, (messages, cuts) => {
        const bytes = Buffer.from(messages.map(({ head, wire }) => head + wire).join(""), "latin1");
        const read = readAll(split(bytes, cuts));
        expect(read.map(({ wire, data }) => ({ wire, data }))).toEqual(
          messages.map(({ wire, data }) => ({ wire, data })),
        );
      }),
    );
  });

  test("trailers are read, blank lines before a request are skipped", () => {
    const text =
      "\r\n\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: 1\r\nB: 2\r\n\r\nGET /next HTTP/1.1\r\n\r\n";
    const read = readAll([Buffer.from(text)]);
    expect(read).toMatchObject([
      {
        data: "abc",
        trailers: [
          ["A", "1"],
          ["B", "2"],
        ],
      },
      { target: "/next" },
    ]);
  });

  test("a head beyond the limit is 431", () => {
    const endless = Buffer.alloc(300 * 1024, "a");
    expect(() => readAll([Buffer.from("GET / HTTP/1.1\r\nX: "), endless])).toThrow(
      expect.objectContaining({ status: 431 }),
    );
  });

  test("never throws anything but MalformedMessage, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), arbitraryCuts, (noise, cuts) => {
        const start = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (const prefix of ["", start, `${start}5\r\n`]) {
          try {
            readAll(split(Buffer.concat([Buffer.from(prefix), noise]), cuts));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedMessage);
          }
        }
      }),
      fuzzFor(300),
    );
  });
});

describe("a chunked body", () => {
  test.each([
    ["a size that is no number", "x\r\n"],
    ["a signed size", "+1\r\n"],
    ["a prefixed size", "0x1\r\n"],
    ["an absurd size", "fffffffffffffffff\r\n"],
    ["an empty size", "\r\n"],
    ["a bare line feed after the size", "1\na\r\n0\r\n\r\n"],
    ["a chunk longer than its size", "1\r\nab\r\n0\r\n\r\n"],
    ["a bare line feed after the data", "1\r\na\n0\r\n\r\n"],
    ["a bare line feed in the trailers", "0\r\nA: 1\n\r\n"],
    ["a trailer without a colon", "0\r\nA\r\n\r\n"],
    ["a NUL in an extension", "1;a\0\r\na\r\n0\r\n\r\n"],
    ["an endless extension", `1;${"a".repeat(20_000)}\r\n`],
    ["endless trailers", `0\r\n${"A: 1\r\n".repeat(20_000)}`],
  ])("refuses %s", (_name, text) => {
    expect(() => new ChunkedDecoder().push(Buffer.from(text, "latin1"), 0, [])).toThrow(MalformedMessage);
  });
});
