// Reads back what a proxy recorded as JSON lines and counts it: a proxy that keeps less does less work.
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MIB, streamBlock } from "./payload.mjs";

/**
 * @param {string} folder holds *.jsonl, and below it the files that lines refer to
 * @returns {Promise<import("./proxies/adapter.mjs").Recorded>}
 */
export async function readExchanges(folder) {
  const recorded = { exchanges: 0, bodyBytes: 0, streamIntact: true };
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".jsonl")) continue;
    for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
      // trafficctl also writes lines of other types, about an exchange that is still under way for one.
      const { type = "exchange", request, response } = JSON.parse(line);
      if (type !== "exchange" || response === undefined) continue;
      const stored = await storedBytes(folder, response.body);
      recorded.exchanges++;
      recorded.bodyBytes += stored;
      const length = /\/stream\/(\d+)$/.exec(request.url)?.[1];
      if (length === undefined) continue;
      const intact =
        response.body.kind === "file" && (await isStream(join(folder, response.body.file), Number(length)));
      recorded.streamIntact &&= intact;
    }
  }
  return recorded;
}

/**
 * @param {string} folder
 * @param {{ kind: string, text?: string, base64?: string, file?: string }} body
 */
async function storedBytes(folder, { kind, text = "", base64 = "", file = "" }) {
  if (kind === "file") return (await stat(join(folder, file))).size;
  return kind === "text" ? Buffer.byteLength(text) : Buffer.byteLength(base64, "base64");
}

/**
 * @param {string} path
 * @param {number} length
 * @returns {Promise<boolean>} whether the file is the origin's stream of that length, byte for byte
 */
async function isStream(path, length) {
  const file = await open(path);
  try {
    const block = Buffer.alloc(MIB);
    for (let at = 0; at < length; at += MIB) {
      const expected = streamBlock(at / MIB).subarray(0, length - at);
      const { bytesRead } = await file.read(block, 0, expected.length, at);
      if (!block.subarray(0, bytesRead).equals(expected)) return false;
    }
    return (await file.stat()).size === length;
  } finally {
    await file.close();
  }
}
