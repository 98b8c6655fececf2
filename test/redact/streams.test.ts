// A secret that a stream gives in pieces: the placeholder stands in the first, the rest leaves the others.
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/redact/redactor.js";

const SECRET = `s${"k-proj-"}a1B2c3D4e5F6g7H8i9J0k1L2m3N4`;
const INFO = { contentType: "text/event-stream", side: "response" } as const;

function pieces(text: string, size: number): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
}

const openai = (content: string) =>
  `data: ${JSON.stringify({ id: "c1", object: "chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`;
const anthropic = (text: string) =>
  `event: content_block_delta\ndata: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })}\n\nevent: ping\ndata: {"type":"ping"}\n\n`;
const plain = (text: string) => `data: ${text}\n\n`;

function openaiText(stream: string): string {
  return [...stream.matchAll(/^data: (\{.*)$/gm)]
    .map(([, data]) => JSON.parse(data!).choices[0].delta.content)
    .join("");
}

describe("server-sent events", () => {
  test.each([1, 2, 3, 5, 8, 13])("OpenAI, %i characters each", (size) => {
    const stream = `${pieces(`my key is "${SECRET}", keep it`, size).map(openai).join("")}data: [DONE]\n\n`;
    const cleaned = createRedactor().content(stream, INFO);
    expect(openaiText(cleaned)).toBe('my key is "REDACTED-1", keep it');
    expect(cleaned).toContain("data: [DONE]");
    expect(createRedactor().content(cleaned, INFO)).toBe(cleaned);
  });

  test.each([1, 4, 7])("Anthropic with pings between, %i characters each", (size) => {
    const cleaned = createRedactor().content(
      pieces(`key: ${SECRET} end`, size).map(anthropic).join(""),
      INFO,
    );
    const text = [...cleaned.matchAll(/"text":"([^"]*)"/g)].map(([, piece]) => piece).join("");
    expect(text).toBe("key: REDACTED-1 end");
  });

  test.each([1, 4, 7])("text that is no JSON, %i characters each", (size) => {
    const cleaned = createRedactor().content(pieces(`key:${SECRET}.end`, size).map(plain).join(""), INFO);
    expect([...cleaned.matchAll(/^data: ?(.*)$/gm)].map(([, piece]) => piece).join("")).not.toContain("a1B2");
    expect(cleaned.split("\n\n").length).toBe(pieces(`key:${SECRET}.end`, size).length + 1);
  });

  test("arguments of a tool in pieces", () => {
    const args = pieces(JSON.stringify({ user: "bob", password: "hunter2" }), 4);
    const stream = args
      .map((partial_json) => `data: ${JSON.stringify({ index: 1, delta: { partial_json } })}\n\n`)
      .join("");
    const cleaned = createRedactor().content(stream, INFO);
    const joined = [...cleaned.matchAll(/^data: (.*)$/gm)]
      .map(([, data]) => JSON.parse(data!).delta.partial_json)
      .join("");
    expect(JSON.parse(joined)).toEqual({ user: "bob", password: "REDACTED-1" });
  });

  test("two answers that come in turns", () => {
    const turn = (index: number, content: string) =>
      `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`;
    const one = pieces(SECRET, 5);
    const other = pieces("the quick brown fox jumps over the dog", 5);
    const stream = one.map((piece, at) => turn(0, piece) + turn(1, other[at] ?? "")).join("");
    const cleaned = createRedactor().content(stream, INFO);
    const texts = ["", ""];
    for (const [, data] of cleaned.matchAll(/^data: (.*)$/gm)) {
      const { index, delta } = JSON.parse(data!).choices[0];
      texts[index] += delta.content;
    }
    expect(texts).toEqual(["REDACTED-1", "the quick brown fox jumps over the dog".slice(0, one.length * 5)]);
  });

  test("data of several lines, carriage returns and comments", () => {
    const stream = `: hello\r\nid: 1\r\nevent: x\r\ndata: {"user":"bob",\r\ndata: "password":"hunter2"}\r\n\r\n`;
    expect(createRedactor().content(stream, INFO)).toBe(stream.replace("hunter2", "REDACTED-1"));
  });

  test("a stream without secrets stays byte for byte", () => {
    const stream = pieces("The token was wrong: ask for a new password.", 3).map(openai).join("");
    expect(createRedactor().content(stream, INFO)).toBe(stream);
  });
});

test("lines of JSON", () => {
  const lines = pieces(SECRET, 6).map(
    (response) => `${JSON.stringify({ model: "m", response, done: false })}\n`,
  );
  const cleaned = createRedactor().content(lines.join(""), {
    contentType: "application/x-ndjson",
    side: "response",
  });
  expect(
    cleaned
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).response)
      .join(""),
  ).toBe("REDACTED-1");
});

describe("WebSocket messages", () => {
  test("JSON in pieces, each direction for itself", () => {
    const messages = pieces(SECRET, 6).flatMap((text) => [
      { direction: "receive", data: JSON.stringify({ type: "delta", text }), seq: 1 } as const,
      { direction: "send", data: '{"type":"ack"}', seq: 2 } as const,
    ]);
    const cleaned = createRedactor().messages(messages, {});
    const text = cleaned
      .filter(({ seq }) => seq === 1)
      .map(({ data }) => JSON.parse(String(data)).text)
      .join("");
    expect(text).toBe("REDACTED-1");
    expect(cleaned.filter(({ seq }) => seq === 2).every(({ data }) => data === '{"type":"ack"}')).toBe(true);
  });

  test("socket.io, plain text and bytes", () => {
    const cleaned = createRedactor().messages(
      [
        { direction: "send", data: '42["login",{"password":"hunter2x"}]' },
        { direction: "send", data: `AUTH ${SECRET}` },
        { direction: "receive", data: Buffer.from(`\u0001${SECRET}\u0002`) },
        { direction: "receive", data: "echo hunter2x" },
      ],
      {},
    );
    expect(cleaned[0]?.data).toMatch(/^42\["login",\{"password":"REDACTED-\d"\}\]$/);
    const key = /REDACTED-\d/.exec(String(cleaned[1]?.data))?.[0];
    expect(cleaned[1]?.data).toBe(`AUTH ${key}`);
    expect(String(cleaned[2]?.data)).toBe(`\u0001${key?.padEnd(SECRET.length, "-")}\u0002`);
    expect(cleaned[3]?.data).toMatch(/^echo REDACTED-\d$/);
  });
});
