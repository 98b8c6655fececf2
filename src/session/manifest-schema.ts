// The manifest's shape, as data, and reading it. Apart from the writing, so that recording never loads zod.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { systemCode, TrafficError } from "../errors.js";
import { FORMAT_VERSION, MANIFEST_FILE } from "./format.js";
import { NewerVersionError } from "./versions.js";

const time = z.iso.datetime().describe("ISO 8601, UTC, milliseconds");
const count = z.number().int().nonnegative();

const countsSchema = z.object({
  exchanges: count.describe("finished exchanges in the file"),
  messages: count.describe("WebSocket messages in the file"),
  errors: count.describe("exchanges with an error"),
  bytes: count.describe("bytes of lines and bodies"),
  dropped: count.describe("exchanges and messages that were not kept; see drops"),
});

const stopSchema = z.object({
  reason: z.enum(["max-disk", "disk-full", "io-error"]),
  message: z.string(),
  time,
});

const recoveredSchema = z.object({
  time,
  tornBytes: count.describe("bytes of an unfinished last line that were cut off"),
  completed: count.describe("open exchanges that were given a final line"),
  orphans: z.array(z.string()).describe("body files that no line refers to; the first 1000"),
});

export const manifestSchema = z.object({
  v: z.literal(FORMAT_VERSION),
  id: z.string(),
  name: z.string().exactOptional().describe("present when the user chose the name"),
  createdAt: time,
  endedAt: time.nullable().describe("null while recording, and after a crash"),
  process: z
    .object({ pid: z.number().int().positive(), start: z.string().nullable() })
    .describe("the recorder; start tells it from a later process with the same pid"),
  version: z.string().describe("version of trafficctl"),
  options: z.record(z.string(), z.json()),
  counts: countsSchema.describe("as of endedAt; while it is null, count the lines"),
  drops: z.record(z.string(), count).describe("what was not kept, by reason"),
  stop: stopSchema.exactOptional().describe("present when recording ended before the proxy did"),
  recovered: recoveredSchema.exactOptional(),
  har: z
    .record(z.string(), z.json())
    .exactOptional()
    .describe("imported: what `log` of the HAR held beside its entries (pages, creator, browser, comment)"),
});

/** What a session is, apart from its lines. */
export type Manifest = z.infer<typeof manifestSchema>;
export type SessionCounts = z.infer<typeof countsSchema>;
/** Why recording ended before the proxy did. */
export type RecordingStop = z.infer<typeof stopSchema>;
export type Json = z.infer<ReturnType<typeof z.json>>;

/**
 * @returns the manifest, or undefined where there is none.
 * @throws SESSION_DAMAGED when it is not one, or of a newer version.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") return undefined;
    throw new TrafficError("IO_FAILED", `cannot read ${path}`, { cause });
  }
  return parseManifest(text, path);
}

function parseManifest(text: string, path: string): Manifest {
  const hint = "`trafficctl sessions recover` rebuilds it from the lines";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrafficError("SESSION_DAMAGED", `${path} is not JSON`, { hint, cause });
  }
  const version = z.object({ v: z.number() }).safeParse(value);
  if (version.success && version.data.v > FORMAT_VERSION) throw new NewerVersionError(path, version.data.v);
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = `${path} is not a manifest: ${z.prettifyError(parsed.error)}`;
  throw new TrafficError("SESSION_DAMAGED", message, { hint, cause: parsed.error });
}
