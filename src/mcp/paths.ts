// Which files a client may have read and written: those inside the roots, by their real path.
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { Refusal } from "./refusal.js";

export class Roots {
  readonly #roots: readonly string[];
  readonly #closed: readonly string[];
  readonly #kept: readonly string[];

  /**
   * @param roots real paths of folders
   * @param closed real paths inside of them that are never given away: the CA's key, the token
   * @param kept real paths inside of them that are written by nobody but the program itself: sessions, control sockets
   */
  constructor(roots: readonly string[], closed: readonly string[], kept: readonly string[]) {
    this.#kept = kept;
    this.#roots = roots;
    this.#closed = closed;
  }

  get folders(): readonly string[] {
    return this.#roots;
  }

  /** @returns the real path of what is there. @throws Refusal; TrafficError FILE_NOT_FOUND, IO_FAILED */
  async readable(path: string): Promise<string> {
    return this.#inside(await real(plain(path), path), path);
  }

  /** A folder all of which clients get. @returns its real path. @throws as `readable` */
  async servable(path: string): Promise<string> {
    const folder = await this.readable(path);
    const own = [...this.#closed, ...this.#kept].find(
      (each) => isWithin(each, folder) || isWithin(folder, each),
    );
    if (own === undefined) return folder;
    throw new Refusal(`${path} holds ${own}`, "name a folder that holds nothing but what is to be served");
  }

  /** @returns the real path of a file that may be there already, in a folder that is. @throws as `readable` */
  async writable(path: string): Promise<string> {
    const whole = plain(path);
    const target = this.#inside(join(await real(dirname(whole), dirname(path)), basename(whole)), path);
    const own = this.#kept.find((each) => isWithin(target, each));
    if (own !== undefined) {
      throw new Refusal(
        `${path} is inside of ${own}, where recordings are kept`,
        "choose another folder for the file",
      );
    }
    const link = await lstat(target).catch(() => undefined);
    if (link !== undefined && !link.isFile()) {
      throw new Refusal(`${path} is there, and is no plain file`, "choose another name for the file");
    }
    return target;
  }

  #inside(path: string, asked: string): string {
    if (this.#closed.some((each) => isWithin(path, each))) {
      throw new Refusal(`${asked} holds keys of this machine`, "nothing in this folder is read or written");
    }
    if (this.#roots.some((root) => isWithin(path, root))) return path;
    throw new Refusal(
      `${asked} is outside of the folders that this server may use`,
      `those are ${this.#roots.join(", ")}; \`trafficctl mcp --root DIR\` adds one`,
    );
  }
}

function plain(path: string): string {
  if (path.includes("\0")) throw new TrafficError("BAD_OPTION", "a path holds no NUL character");
  if (path.split(/[\\/]/).includes("..")) {
    throw new Refusal(`${path} goes up by '..'`, "write the path without '..'");
  }
  return resolve(path);
}

async function real(path: string, asked: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") {
      const hint = asked.startsWith("~")
        ? { hint: "'~' is not replaced here: write the path as a whole" }
        : {};
      throw new TrafficError("FILE_NOT_FOUND", `there is no ${asked}`, { ...hint, cause });
    }
    throw new TrafficError("IO_FAILED", `${asked} can't be reached (${code ?? String(cause)})`, { cause });
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}

/** @returns the real paths of folders that are there. @throws FILE_NOT_FOUND, IO_FAILED, BAD_OPTION */
export async function realFolders(paths: readonly string[]): Promise<string[]> {
  const folders = await Promise.all(paths.map((path) => real(resolve(path), path)));
  for (const [at, folder] of folders.entries()) {
    if (!(await lstat(folder)).isDirectory())
      throw new TrafficError("BAD_OPTION", `--root ${paths[at]} is no folder`);
  }
  return [...new Set(folders)];
}
