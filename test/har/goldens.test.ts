// The HARs of other tools (fixtures/har): what is read of each, that nothing of it is lost by an export, and that what we
// export has no fault.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ImportedExchange } from "../../src/har/from-entry.js";
import type { ImportedBody } from "../../src/har/imported-body.js";
import { type HarFile, openHar } from "../../src/har/open.js";
import { readHar } from "../../src/har/read.js";
import { validateEntry } from "../../src/har/validate.js";
import { asJson, exportedAgain, imported, whole } from "./support.js";

const FOLDER = join(import.meta.dirname, "../../fixtures/har");
const FILES = readdirSync(FOLDER).filter((name) => /\.(?:har|zhar|zip)$/.test(name));

async function entriesOf(har: HarFile): Promise<unknown[]> {
  const entries: unknown[] = [];
  for await (const part of readHar(har.chunks(), { strict: true })) {
    if (part.kind === "entry") entries.push(part.entry);
  }
  return entries;
}

async function bytesOf(chunks: AsyncIterable<Buffer> | undefined): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return Buffer.concat(all);
}

describe.each(FILES)("%s", (name) => {
  it("is read", async () => {
    const har = await openHar(join(FOLDER, name));
    const summary = (await entriesOf(har)).map((entry) => {
      const result = imported(entry);
      const { exchange, requestBody, responseBody, messages, repairs } = result;
      const { request } = exchange;
      const response = exchange.response;
      const size = (body: typeof requestBody) =>
        body.data === null ? "-" : Buffer.isBuffer(body.data) ? body.data.length : "attached";
      return [
        `${exchange.kind} ${request.httpVersion} ${request.method} ${request.url.replace(/127\.0\.0\.1:\d{4,}/, "HOST")}`,
        `${response?.status ?? exchange.error?.code}, ${size(requestBody)} → ${size(responseBody)} ${responseBody.decoded ?? ""}`,
        ...messages.map(({ direction, opcode, bytes }) => `${direction} ${opcode} ${bytes.toString("hex")}`),
        ...repairs.map(({ path, what }) => `${path} ${what}`),
      ];
    });
    await har.close();
    expect(summary).toMatchSnapshot();
  });

  it("survives an export, which has no fault", async () => {
    const har = await openHar(join(FOLDER, name));
    for (const entry of await entriesOf(har)) {
      const first = await withAttachments(imported(entry), har);
      const exported = asJson(exportedAgain(first));
      // Text of another charset, attached as UTF-8, is written as text and read back as that charset's bytes.
      if (first.responseBody.decoded === "text") continue;
      const second = imported(exported, true);
      expect(whole(second)).toEqual({ ...whole(first), id: expect.anything(), duration: expect.any(Number) });
      expect(second.messages).toEqual(first.messages);
      expect(asJson(exportedAgain(second))).toEqual(exported);
      const found = await validateEntry(exported, 1);
      expect(found).toEqual([]);
    }
    await har.close();
  });
});

/** As an import does it: the bytes of the files that the bodies are attached in. */
async function withAttachments(result: ImportedExchange, har: HarFile): Promise<ImportedExchange> {
  const loaded = async (body: ImportedBody): Promise<ImportedBody> => {
    if (body.data === null || !("file" in body.data)) return body;
    return { ...body, data: await bytesOf(await har.attachment(body.data.file)) };
  };
  const { requestBody, responseBody } = result;
  return { ...result, requestBody: await loaded(requestBody), responseBody: await loaded(responseBody) };
}

it("Playwright's attached bodies are the embedded ones", async () => {
  const embedded = await openHar(join(FOLDER, "playwright-embed.har"));
  const attached = await openHar(join(FOLDER, "playwright-attach.zip"));
  const path = (url: string): string => new URL(url).pathname;
  const bodies = new Map<string, string>();
  for (const entry of await entriesOf(embedded)) {
    const { exchange, responseBody } = imported(entry);
    if (Buffer.isBuffer(responseBody.data))
      bodies.set(path(exchange.request.url), responseBody.data.toString("base64"));
  }
  let compared = 0;
  for (const entry of await entriesOf(attached)) {
    const { exchange, responseBody, messagesFile } = imported(entry);
    if (messagesFile !== undefined) {
      const lines = (await bytesOf(await attached.attachment(messagesFile)))
        .toString("utf8")
        .trim()
        .split("\n");
      expect(lines.length).toBe(4);
    }
    const { data } = responseBody;
    if (data === null || !("file" in data) || path(exchange.request.url) === "/events") continue;
    const bytes = await bytesOf(await attached.attachment(data.file));
    // Of text in another charset, the embedded file has text and the attachment has UTF-8.
    if (/latin1|sjis/.test(exchange.request.url)) continue;
    expect(bytes.toString("base64")).toBe(bodies.get(path(exchange.request.url)));
    compared++;
  }
  expect(compared).toBeGreaterThan(8);
  await embedded.close();
  await attached.close();
});
