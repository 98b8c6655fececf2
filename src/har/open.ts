// Opens a HAR on disk, whatever it is packed in, with the files that its bodies are attached in: the members of
// Playwright's zip, or files beside the HAR.
import type { Stats } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { basename, dirname, join, posix, sep } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { isZip } from "./byte-source.js";
import { type RandomAccess, readZip, type ZipMember } from "./zip.js";

export interface HarFile {
  /** Bytes of the file, packed as they are. */
  readonly size: number;
  /** Bytes of the file read so far, for a progress bar. */
  readonly position: number;
  /** For `readHar`; once. */
  chunks(): AsyncIterable<Buffer>;
  /** @returns the bytes of an attached body (`_file`), or undefined where there is no such file. */
  attachment(name: string): Promise<AsyncIterable<Buffer> | undefined>;
  close(): Promise<void>;
}

/** @throws FILE_NOT_FOUND, IO_FAILED; HAR_INVALID for a zip without a HAR. */
export async function openHar(path: string): Promise<HarFile> {
  const file = await openFile(path);
  try {
    // A pipe has no places to read from.
    if (!file.isRegular) return new PlainHar(file, path);
    if (!isZip(await file.read(0, 4))) return new PlainHar(file, path);
    const members = await readZip(file);
    return new ZippedHar(file, members, harIn(members, path));
  } catch (error) {
    await file.close();
    throw error;
  }
}

const CHUNK = 1 << 20;

class OpenFile implements RandomAccess {
  position = 0;
  /** 0 for a pipe. */
  readonly size: number;
  readonly isRegular: boolean;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, stat: Stats) {
    this.#handle = handle;
    this.isRegular = stat.isFile();
    this.size = this.isRegular ? stat.size : 0;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(
        buffer,
        filled,
        length - filled,
        this.isRegular ? position + filled : null,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async *chunks(from: number, to = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    for (let at = from; at < to; ) {
      const chunk = await this.read(at, Math.min(CHUNK, to - at));
      if (chunk.length === 0) return;
      at += chunk.length;
      this.position = Math.max(this.position, at);
      yield chunk;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function openFile(path: string): Promise<OpenFile> {
  try {
    const handle = await open(path, "r");
    const stat = await handle.stat();
    if (!stat.isDirectory()) return new OpenFile(handle, stat);
    await handle.close();
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") {
      throw new TrafficError("FILE_NOT_FOUND", `there is no file ${path}`, { cause });
    }
    throw new TrafficError("IO_FAILED", `cannot read ${path}`, { cause });
  }
  throw new TrafficError("HAR_INVALID", `${path} is a folder, not a HAR`);
}

class PlainHar implements HarFile {
  readonly #file: OpenFile;
  readonly #path: string;

  constructor(file: OpenFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  get size(): number {
    return this.#file.size;
  }

  get position(): number {
    return this.#file.position;
  }

  chunks(): AsyncIterable<Buffer> {
    return this.#file.chunks(0);
  }

  async attachment(name: string): Promise<AsyncIterable<Buffer> | undefined> {
    const path = await besideHar(this.#path, name);
    return path === undefined ? undefined : chunksOf(path);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** @returns undefined unless it is a file in the HAR's own folder or below: a HAR must not make other files readable. */
async function besideHar(harPath: string, name: string): Promise<string | undefined> {
  if (name === "" || name.includes("\0")) return undefined;
  try {
    const folder = await realpath(dirname(harPath));
    const path = await realpath(join(folder, name));
    return path.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? path : undefined;
  } catch {
    return undefined;
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await openFile(path);
  try {
    yield* file.chunks(0);
  } finally {
    await file.close();
  }
}

class ZippedHar implements HarFile {
  readonly #file: OpenFile;
  readonly #members: ReadonlyMap<string, ZipMember>;
  readonly #har: ZipMember;

  constructor(file: OpenFile, members: ReadonlyMap<string, ZipMember>, har: ZipMember) {
    this.#file = file;
    this.#members = members;
    this.#har = har;
  }

  get size(): number {
    return this.#file.size;
  }

  get position(): number {
    return this.#file.position;
  }

  chunks(): AsyncIterable<Buffer> {
    return this.#har.chunks();
  }

  async attachment(name: string): Promise<AsyncIterable<Buffer> | undefined> {
    return this.#members.get(posix.join(posix.dirname(this.#har.name), name))?.chunks();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function harIn(members: ReadonlyMap<string, ZipMember>, path: string): ZipMember {
  const names = [...members.keys()];
  const hars = names.filter((name) => /\.(?:har|json)$/i.test(name) && !name.startsWith("__MACOSX/"));
  const [first] = hars.filter((name) => name.endsWith(".har")).concat(hars);
  const member = first === undefined ? undefined : members.get(first);
  const trace = names.some((name) => name.endsWith(".trace"));
  if (member !== undefined && !trace) return member;
  const fiddler = names.some((name) => /^raw[\\/]/.test(name));
  const what = trace
    ? "a Playwright trace"
    : fiddler
      ? "a Fiddler session archive"
      : "a zip archive without a .har";
  throw new TrafficError("HAR_INVALID", `${basename(path)} is ${what}`, {
    hint: fiddler
      ? "in Fiddler: File, Export Sessions, HTTPArchive"
      : "Playwright's recordHar writes .har or .zip",
  });
}
