// Texts too long to be held: the same bytes as JSON.parse gives, wherever the chunks end; nothing is left behind.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createExchangeIds } from "../../src/exchange/id.js";
import { fromEntry } from "../../src/har/from-entry.js";
import { type HarPart, readHar } from "../../src/har/read.js";
import { validateHar } from "../../src/har/validate.js";
import { inChunks } from "./support.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trafficctl-test-"));
  vi.stubEnv("TMPDIR", folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const createId = createExchangeIds();

interface Texts {
  readonly sent: string;
  readonly received: Buffer;
  readonly own: string;
  readonly message: string;
}

function entry({ sent, received, own, message }: Texts): object {
  return {
    startedDateTime: "2026-01-02T03:04:05.678Z",
    time: 1,
    request: {
      method: "POST",
      url: "http://h/",
      httpVersion: "http/1.1",
      headers: [],
      headersSize: 9,
      bodySize: Buffer.byteLength(sent),
      postData: { mimeType: "text/plain", text: sent },
    },
    response: {
      status: 101,
      statusText: "",
      httpVersion: "http/1.1",
      headers: [{ name: "Content-Type", value: "image/png" }],
      content: { size: 1, mimeType: "image/png", text: received.toString("base64"), encoding: "base64" },
      headersSize: 9,
      bodySize: received.length,
    },
    timings: { send: 0, wait: 1, receive: 0 },
    _webSocketMessages: [{ type: "send", time: 1, opcode: 1, data: message }],
    _own: { deep: [own] },
  };
}

/** What of an entry can be compared, read while its part is at hand. */
function read(part: HarPart): unknown {
  if (part.kind === "problem") return part;
  const result = fromEntry(part.entry, { ...part, strict: true, seq: 1, createId });
  if (result.kind === "skipped") throw new Error(result.why);
  const bytes = ({ data }: typeof result.requestBody): Buffer => {
    if (data === null) return Buffer.alloc(0);
    if (typeof data === "function") return Buffer.concat([...data()]);
    return Buffer.isBuffer(data) ? data : Buffer.alloc(0);
  };
  return {
    sent: bytes(result.requestBody).toString("utf8"),
    received: bytes(result.responseBody),
    own: result.exchange.har?.entry?._own,
    message: result.messages[0]?.bytes.toString("utf8"),
  };
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom('"', "\\", "\\u", "n", "\n", "ä", "𝄞", "x"), { maxLength: 60 })
    .map((all) => all.join("")),
);
const texts = fc.record({
  sent: text.map(wellFormed),
  received: fc.uint8Array({ maxLength: 90 }).map((each) => Buffer.from(each)),
  own: text,
  message: text.map(wellFormed),
});

describe("long texts", () => {
  it("are read as short ones, wherever the chunks and the limit lie", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(texts, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 24, max: 60 }),
        fc.boolean(),
        async (all, size, textLimit, ascii) => {
          const log = { version: "1.2", entries: all.map(entry) };
          const json = JSON.stringify({ log });
          // Every other character as an escape: pairs of surrogates in two.
          const escaped = ascii
            ? json.replace(
                /[\x80-\uffff]/g,
                (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
              )
            : json;
          const seen: unknown[] = [];
          for await (const part of readHar(inChunks(escaped, size), { textLimit })) seen.push(read(part));
          expect(seen).toEqual(
            all.map(({ sent, received, own, message }) => ({
              sent,
              received,
              own: { deep: [own] },
              message,
            })),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are not held: an entry may be larger than its limit by them", async () => {
    const whole = entry({ sent: "s".repeat(9000), received: Buffer.alloc(9000), own: "", message: "" });
    const json = JSON.stringify({ log: { entries: [whole, whole] } });
    const kinds: string[] = [];
    for await (const part of readHar(inChunks(json, 100), { textLimit: 500, entryLimit: 2000 }))
      kinds.push(part.kind);
    expect(kinds).toEqual(["entry", "entry"]);
  });

  it("of a cut file are said, and what is not JSON does no harm", async () => {
    const json = JSON.stringify({
      log: {
        entries: [entry({ sent: `${"a".repeat(40)}\\x\0`, received: Buffer.alloc(0), own: "", message: "" })],
      },
    });
    const broken = json.replace("\\u0000", "\\q");
    const parts: unknown[] = [];
    for await (const part of readHar(inChunks(broken, 3), { textLimit: 24 }))
      parts.push(part.kind === "entry");
    expect(parts).toEqual([true]);
    const cut: HarPart[] = [];
    for await (const part of readHar(inChunks(json.slice(0, 300), 9), { textLimit: 24 })) cut.push(part);
    expect(cut).toMatchObject([{ kind: "problem", number: 1 }]);
  });

  it("are passed over by the rules about them", async () => {
    const long = JSON.stringify({
      log: {
        version: "1.2",
        creator: { name: "a", version: "1" },
        entries: [entry({ sent: "", received: Buffer.alloc(6 << 20), own: "", message: "" })],
      },
    });
    const rules: string[] = [];
    for await (const { rule } of validateHar(inChunks(long))) rules.push(rule);
    expect(rules).not.toContain("content-size");
    expect(rules).not.toContain("base64");
  });

  it("leave nothing in the folder for temporary files", async () => {
    expect(await readdir(folder)).toEqual([]);
  });
});

function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
