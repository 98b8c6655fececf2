// Gives a recorded body's bytes back. A session may come from someone else: no body reaches outside its folder.
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer as collect } from "node:stream/consumers";
import { systemCode, TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import { BODIES_FOLDER } from "./format.js";

export interface BodyReadOptions {
  /** Read at most so many bytes. */
  readonly limit?: number;
}

/**
 * The stored bytes of a body, content coding untouched; none for `empty` and `omitted`.
 * @param folder the session's.
 * @throws SESSION_DAMAGED when the file is missing, too short, or not a plain file in `bodies/`.
 */
export async function openBody(folder: string, body: Body, options: BodyReadOptions = {}): Promise<Readable> {
  if (body.kind !== "file") return Readable.from([inlineBytes(body, options.limit)]);
  const length = Math.min(body.stored, options.limit ?? body.stored);
  if (length === 0) return Readable.from([]);
  const start = body.offset ?? 0;
  const file = await openBodyFile(folder, body.file, start + body.stored);
  return file.createReadStream({ start, end: start + length - 1, highWaterMark: 256 * 1024 });
}

/** The stored bytes of a body in one buffer: for bodies that fit into memory, or with a `limit`. */
export async function bodyBytes(folder: string, body: Body, options: BodyReadOptions = {}): Promise<Buffer> {
  if (body.kind !== "file") return inlineBytes(body, options.limit);
  return collect(await openBody(folder, body, options));
}

function inlineBytes(body: Exclude<Body, { kind: "file" }>, limit = Number.POSITIVE_INFINITY): Buffer {
  if (body.kind === "text") return Buffer.from(body.text, "utf8").subarray(0, limit);
  if (body.kind === "base64") return Buffer.from(body.base64, "base64").subarray(0, limit);
  return Buffer.alloc(0);
}

/** The file, which holds at least so many bytes. @throws SESSION_DAMAGED as `openBody` */
export async function openBodyFile(folder: string, name: string, least: number): Promise<FileHandle> {
  const match = /^bodies\/([A-Za-z0-9._-]+)$/.exec(name);
  const base = match?.[1];
  if (base === undefined || base === "." || base === "..")
    throw damaged(folder, name, "is outside of bodies/");
  const bodies = join(folder, BODIES_FOLDER);
  const path = join(bodies, base);
  let file: FileHandle;
  try {
    if (!(await lstat(bodies)).isDirectory()) throw damaged(folder, name, "is in a linked folder");
    // Not through a link; and a named pipe must not hold us up.
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (cause instanceof TrafficError) throw cause;
    const why = { ENOENT: "is missing", ELOOP: "is a link" }[systemCode(cause) ?? ""] ?? "cannot be read";
    throw damaged(folder, name, why, cause);
  }
  const info = await file.stat();
  if (info.isFile() && info.size >= least) return file;
  await file.close();
  throw damaged(folder, name, info.isFile() ? `holds ${info.size} of ${least} bytes` : "is not a file");
}

function damaged(folder: string, name: string, why: string, cause?: unknown): TrafficError {
  return new TrafficError("SESSION_DAMAGED", `body ${name} of session ${folder} ${why}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
