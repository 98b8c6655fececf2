// The entries of a HAR as these tests compare them.
import { z } from "zod";
import { decodeText } from "../../src/content/text.js";

const pairs = z.array(z.looseObject({ name: z.string(), value: z.string() }));
const cookies = z.array(
  z.looseObject({
    name: z.string(),
    value: z.string(),
    path: z.string().optional(),
    domain: z.string().optional(),
    expires: z.string().optional(),
    httpOnly: z.boolean().default(false),
    secure: z.boolean().default(false),
    sameSite: z.string().optional(),
  }),
);
const text = z.looseObject({
  mimeType: z.string(),
  text: z.string().optional(),
  encoding: z.string().optional(),
});
const message = z.object({
  type: z.string(),
  opcode: z.number(),
  data: z.string(),
});
const entry = z.looseObject({
  startedDateTime: z.string(),
  request: z.looseObject({
    method: z.string(),
    url: z.string(),
    httpVersion: z.string(),
    headers: pairs,
    cookies,
    queryString: pairs,
    postData: text.optional(),
  }),
  response: z.looseObject({
    status: z.number(),
    statusText: z.string(),
    httpVersion: z.string(),
    headers: pairs,
    cookies,
    redirectURL: z.string(),
    content: text,
  }),
  _resourceType: z.string().optional(),
  _webSocketMessages: z.array(message).optional(),
});
const har = z.object({ log: z.looseObject({ entries: z.array(entry) }) });

export type Entry = z.infer<typeof entry>;

/** By method, address and how many of these came before. The port of the site is left out. */
export function entriesOf(json: string): Map<string, Entry> {
  const seen = new Map<string, number>();
  const entries = new Map<string, Entry>();
  for (const each of har.parse(JSON.parse(json)).log.entries) {
    const name = `${each.request.method} ${each.request.url}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    entries.set(count === 1 ? name : `${name} (${count})`, each);
  }
  return entries;
}

/** The bytes of a body, decoded from its content coding. */
export function bytesOf(content: z.infer<typeof text>): Buffer {
  return Buffer.from(content.text ?? "", content.encoding === "base64" ? "base64" : "utf8");
}

/** What a browser may have made of these bytes: by the charset they name, or by the one it takes where none is named. */
export function readings(bytes: Buffer, contentType: string): string[] {
  const charsets = ["utf-8", "windows-1252"].map((charset) => `text/plain; charset=${charset}`);
  return [contentType, ...charsets].map((type) =>
    (decodeText(bytes, type)?.text ?? "").replace(/^\ufeff/, ""),
  );
}
