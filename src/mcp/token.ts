// The bearer token of the HTTP server: made once, kept where only its user reads it.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";

export interface Token {
  readonly value: string;
  readonly path: string;
  /** It was made now: the only time that it is shown. */
  readonly isNew: boolean;
}

/** Where the token of a home folder is. */
export function tokenPath(home: string): string {
  return join(home, "mcp-token");
}

/** @throws TrafficError IO_FAILED */
export async function readToken(home: string): Promise<Token> {
  const path = tokenPath(home);
  try {
    const known = await knownToken(path);
    if (known !== undefined) return { value: known, path, isNew: false };
    return { value: await newToken(home, path), path, isNew: true };
  } catch (cause) {
    const why = systemCode(cause) ?? String(cause);
    throw new TrafficError("IO_FAILED", `the token file ${path} can't be used (${why})`, { cause });
  }
}

/** @returns undefined where there is none, or others could read it: then it is none any more */
async function knownToken(path: string): Promise<string | undefined> {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined || !info.isFile()) return undefined;
  if (process.platform !== "win32" && (info.mode & 0o077) !== 0) return undefined;
  const value = (await readFile(path, "utf8")).trim();
  return /^[\w-]{43}$/.test(value) ? value : undefined;
}

async function newToken(home: string, path: string): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const value = randomBytes(32).toString("base64url");
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    await file.writeFile(`${value}\n`).finally(() => file.close());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return value;
}

/** @param header Authorization as it was sent */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? "";
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
