// The format as documented: the JSON Schema is what the reader checks, the fixture is what every later version reads.
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { ConnectionId, ExchangeId } from "../../src/exchange/id.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import { bodyBytes } from "../../src/session/body-reader.js";
import { exchangeSchema, messageSchema } from "../../src/session/line-schema.js";
import { manifestSchema, readManifest } from "../../src/session/manifest-schema.js";
import { createReadReport } from "../../src/session/reader.js";
import { recoverSessionFolder } from "../../src/session/recovery.js";
import { readAll, tempFolder } from "./support.js";

const ROOT = join(import.meta.dirname, "..", "..");
const FIXTURE = join(ROOT, "fixtures", "session", "v1");

describe("docs/session.schema.json", () => {
  it("is what the reader checks (vitest -u writes it anew)", async () => {
    const withType = (type: z.ZodType, schema: z.ZodObject): z.ZodObject =>
      z.object({ v: z.literal(1), type, ...schema.shape });
    const finalOrOpen = z.enum(["exchange", "open"]);
    const line = z.union([
      ...exchangeSchema.options.map((schema) => withType(finalOrOpen, schema)),
      withType(z.literal("websocket-message"), messageSchema),
    ]);
    const document = {
      title: "trafficctl session, format 1",
      description: "A line of exchanges.jsonl, or manifest.json; session-format.md says what they mean.",
      ...z.toJSONSchema(z.union([line, manifestSchema]), { io: "input" }),
    };
    await expect(printed(document)).toMatchFileSnapshot(join(ROOT, "docs", "session.schema.json"));
  });

  it("has the shape of the types", () => {
    // Checked by the compiler, in both ways: what is recorded passes, and what passes is an exchange.
    const written = (exchange: Exchange): Fixed<z.infer<typeof exchangeSchema>> => exchange;
    const read = (value: Fixed<z.infer<typeof exchangeSchema>>): Unbranded<Exchange> => value;
    const writtenMessage = (message: WebSocketMessage): Fixed<z.infer<typeof messageSchema>> => message;
    const readMessage = (value: Fixed<z.infer<typeof messageSchema>>): Unbranded<WebSocketMessage> => value;
    expect([written, read, writtenMessage, readMessage]).toHaveLength(4);
  });
});

/** As the formatter of this project leaves it: short lists on one line. */
function printed(value: object): string {
  const list = /^( *"[^"]*": )\[\s+((?:(?:"[^"]*"|\d+),?\s+)+)\](,?)$/gm;
  const text = JSON.stringify(value, null, 2).replace(
    list,
    (whole: string, key: string, items: string, comma: string) => {
      const line = `${key}[${items.trim().replace(/\s+/g, " ")}]${comma}`;
      return line.length <= 110 ? line : whole;
    },
  );
  return `${text}\n`;
}

/** Values that are any JSON stay as they are. */
type Fixed<T> = unknown extends T ? T : { readonly [K in keyof T]: Fixed<T[K]> };
type Unbranded<T> = unknown extends T
  ? T
  : T extends ExchangeId
    ? string
    : T extends ConnectionId
      ? number
      : { readonly [K in keyof T]: Unbranded<T[K]> };

describe("the fixture of version 1", () => {
  it("is read whole", async () => {
    const report = createReadReport();
    const items = await readAll(FIXTURE, report);
    expect(report).toEqual({ lines: 11, damaged: 0, damagedLines: [], unknown: 0, tornBytes: 0 });
    expect(
      items.map((item) =>
        item.type === "message"
          ? `message ${item.message.seq}`
          : `${item.exchange.seq} ${item.exchange.kind}${item.open ? " open" : ""}`,
      ),
    ).toEqual([
      "1 http",
      "2 http",
      "3 http",
      "4 http",
      "message 1",
      "message 2",
      "5 websocket",
      "6 tunnel",
      "7 http open",
    ]);
    const bodies: string[] = [];
    for (const item of items) {
      if (item.type !== "exchange" || item.exchange.kind !== "http" || item.exchange.response === undefined)
        continue;
      const { body } = item.exchange.response;
      bodies.push(`${body.kind} ${(await bodyBytes(FIXTURE, body)).toString("latin1").slice(0, 20)}`);
    }
    expect(bodies).toEqual([
      'text {"tea":"th\u00c3\u00a9"}',
      "base64 \u0089PNG",
      "file data: one\n\ndata: two",
      "empty ",
    ]);
    expect(await readManifest(FIXTURE)).toMatchObject({ id: "fixture", endedAt: null });
  });

  it("is recovered", async () => {
    const folder = join(tempFolder(), "fixture");
    await cp(FIXTURE, folder, { recursive: true });
    const recovery = await recoverSessionFolder(folder, "0.0.0");
    expect(recovery).toMatchObject({ changed: true, completed: 1, orphans: [] });
    expect(recovery.manifest.counts).toMatchObject({ exchanges: 7, messages: 2, errors: 2 });
    expect(await readFile(join(folder, "exchanges.jsonl"), "utf8")).toMatch(/"recorder-died"[^\n]*\n$/);
  });
});
