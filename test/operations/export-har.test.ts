// Bodies and messages at the limits of what an export holds in memory: nothing is cut in silence, no secret gets through.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { EMPTY_BODY } from "../../src/exchange/body.js";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { type ExportInput, type ExportReport, exportHar } from "../../src/operations/export-har.js";
import { redactedPieces } from "../../src/operations/har/redacted-pieces.js";
import { Redaction } from "../../src/operations/redaction.js";
import { writeSession } from "../../src/operations/write-session.js";
import { DEFAULT_POLICY } from "../../src/redact/policy.js";
import { httpExchange, newId, tempFolder, webSocketExchange, webSocketMessage } from "../session/support.js";

interface Content {
  readonly size: number;
  readonly text?: string;
  readonly encoding?: string;
  readonly comment?: string;
}

/** A session of one response, exported. */
async function exported(
  body: Buffer,
  headers: RawHeaders,
  options: Partial<ExportInput> = {},
): Promise<{ content: Content; bytes: Buffer; report: ExportReport }> {
  const home = tempFolder();
  const base = httpExchange({ id: newId() });
  const response = { ...base.response!, headers, body: { ...EMPTY_BODY, size: body.length } };
  await writeSession({ home, name: "one", options: {} }, (writer) =>
    writer.exchange({ ...base, response }, { request: Buffer.alloc(0), response: body }),
  );
  const output = join(home, "a.har");
  const report = await exportHar({ home, words: ["one"], output, redact: "off", ...options });
  const { content } = JSON.parse(await readFile(output, "utf8")).log.entries[0].response;
  return { content, bytes: Buffer.from(content.text ?? "", content.encoding ?? "utf8"), report };
}

const TEXT: RawHeaders = [["Content-Type", "text/plain"]];
const CODED: RawHeaders = [...TEXT, ["Content-Encoding", "gzip"]];
const SHUFFLED = randomBytes(7 << 20).toString("base64");

test.each<[string, Buffer, RawHeaders, string]>([
  ["text", Buffer.from(SHUFFLED), TEXT, SHUFFLED],
  [
    "what is larger coded than what is held",
    gzipSync(randomBytes(9 << 20).toString("latin1"), { level: 0 }),
    CODED,
    "",
  ],
  ["what is larger decoded", gzipSync("ab\n".repeat(4 << 20)), CODED, "ab\n".repeat(4 << 20)],
])("%s is whole", async (_name, body, headers, text) => {
  const { content, bytes, report } = await exported(body, headers);
  if (text !== "") expect(bytes.equals(Buffer.from(text))).toBe(true);
  expect(bytes.length).toBe(content.size);
  expect(bytes.length).toBeGreaterThan(9_000_000);
  expect(content.comment).toBeUndefined();
  expect(report.partialBodies).toBe(0);
});

test.each<[string, Buffer, RawHeaders, number, string]>([
  ["held", Buffer.from("grüße"), TEXT, 3, "gr"],
  ["held and coded", gzipSync("grüße"), CODED, 4, "grü"],
  ["large", Buffer.from("abcd".repeat(3 << 20)), TEXT, 6, "abcdab"],
  ["large and coded", gzipSync("abcd".repeat(3 << 20)), CODED, 6, "abcdab"],
])("what --max-body cuts of a body that is %s is said", async (_name, body, headers, maxBody, text) => {
  const { content, report } = await exported(body, headers, { maxBody });
  expect(content).toMatchObject({
    text,
    comment: expect.stringContaining(`cut to ${text === "gr" ? 2 : maxBody} bytes`),
  });
  expect(report.partialBodies).toBe(1);
});

test("a limit above the largest body cuts nothing", async () => {
  const { content, report } = await exported(Buffer.from(SHUFFLED), TEXT, { maxBody: SHUFFLED.length });
  expect(content.comment).toBeUndefined();
  expect(report.partialBodies).toBe(0);
});

test("--max-body does not cut a secret out of recognition", async () => {
  const secret = "ghp_S9p1L2i3T4a5B6c7D8e9F0g1H2i3J4k5L6m7";
  const { content } = await exported(Buffer.from(`see ${secret}`), TEXT, {
    maxBody: 20,
    redact: DEFAULT_POLICY,
  });
  expect(content.text).toBe("see REDACTED-1");
});

test("messages of a WebSocket that are cut, or not there, are counted and say so", async () => {
  const home = tempFolder();
  const socket = webSocketExchange({ messageCount: 1 });
  await writeSession({ home, name: "one", options: {} }, async (writer) => {
    const text = Buffer.alloc(9 << 20, "a");
    const message = webSocketMessage(socket.id, 1, { kind: "empty", size: text.length });
    await writer.message({ ...message, opcode: 1 }, text);
    await writer.exchange(socket, { request: Buffer.alloc(0) });
  });
  const output = join(home, "a.har");
  const messages = async (options: Partial<ExportInput>) => {
    const report = await exportHar({ home, words: ["one"], output, ...options });
    return { report, list: JSON.parse(await readFile(output, "utf8")).log.entries[0]._webSocketMessages };
  };
  const whole = await messages({});
  expect(whole.list[0].data).toHaveLength(9 << 20);
  expect(whole.report.partialBodies).toBe(0);
  const cut = await messages({ maxBody: 5 });
  expect(cut.list).toMatchObject([{ data: "aaaaa", comment: expect.stringContaining("max-body") }]);
  expect(cut.report.partialBodies).toBe(1);
  const none = await messages({ bodies: false });
  expect(none.list).toMatchObject([{ data: "", comment: "not recorded" }]);
  expect(none.report.missingBodies).toBe(1);
});

test.each<[string, string, (secret: string) => string]>([
  ["JSON in one line", "application/json", (secret) => `{"id": 1, "password": "${secret}"}, `],
  ["settings", "text/plain", (secret) => `name = one\npassword = ${secret}\n`],
  [
    "private keys",
    "text/plain",
    (secret) =>
      `-----BEGIN PRIVATE KEY-----\n${secret.repeat(3)}\n${secret.repeat(3)}\n-----END PRIVATE KEY-----\n`,
  ],
])("no secret of %s gets through where a large text is taken in pieces", async (_name, type, line) => {
  const secrets: string[] = [];
  let text = "";
  while (text.length < 9_000_000) {
    const secret = `q${randomBytes(9).toString("hex")}Z`;
    secrets.push(secret);
    text += `${line(secret)}${" ".repeat(3000 + (secrets.length % 50))}\n`;
  }
  async function* source(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  const place = {
    headers: [["Content-Type", type] as const],
    side: "response",
    url: "https://a.test/",
  } as const;
  const pieces: Buffer[] = [];
  for await (const piece of redactedPieces(source(), place, new Redaction(), true)) pieces.push(piece);
  const clean = Buffer.concat(pieces).toString();
  expect(secrets.length).toBeGreaterThan(1000);
  expect(secrets.filter((secret) => clean.includes(secret))).toEqual([]);
});
