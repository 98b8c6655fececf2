// Values of options that make or change a request: header fields, bodies, places in JSON, paces.
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { TrafficError } from "../errors.js";
import type { ReplayInput } from "../operations/replay.js";
import type { SendInput } from "../operations/send.js";

/** `Name: value`, as curl takes it. @throws BAD_OPTION */
export function parseHeader(text: string, flag: string): readonly [name: string, value: string] {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*(.*)$/s.exec(text);
  if (match !== null) return [match[1]!, match[2]!.trimEnd()];
  throw new TrafficError("BAD_OPTION", `${flag} ${text} is no header field`, {
    hint: `as in ${flag} 'Accept: application/json'`,
  });
}

/** `/place=value`: JSON, or a text where it is none. @throws BAD_OPTION */
export function parseJsonSet(text: string): readonly [pointer: string, value: unknown] {
  const equals = text.indexOf("=");
  if (equals === -1 || (equals > 0 && !text.startsWith("/"))) {
    throw new TrafficError("BAD_OPTION", `--json-set ${text} is no place and value`, {
      hint: 'as in --json-set /user/name=Ada or --json-set \'/tags=["a","b"]\'',
    });
  }
  const value = text.slice(equals + 1);
  try {
    const parsed: unknown = JSON.parse(value);
    return [text.slice(0, equals), parsed];
  } catch {
    return [text.slice(0, equals), value];
  }
}

/** The text itself, the bytes of `@file`, or with `@-` what comes on stdin. @throws FILE_NOT_FOUND */
export async function readBody(text: string): Promise<Buffer> {
  if (!text.startsWith("@")) return Buffer.from(text, "utf8");
  const path = text.slice(1);
  if (path === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  return await readFile(path).catch((cause: unknown) => {
    throw notAFile(path, cause);
  });
}

/** The same, a file as a stream. @throws FILE_NOT_FOUND */
export async function openBody(text: string): Promise<NonNullable<SendInput["body"]>> {
  if (text.startsWith("@") && text !== "@-") {
    const path = text.slice(1);
    const info = await stat(path).catch((cause: unknown) => {
      throw notAFile(path, cause);
    });
    if (info.isFile()) return { size: info.size, open: () => createReadStream(path) };
  }
  const bytes = await readBody(text);
  return { size: bytes.length, open: () => [bytes] };
}

/** The name of a variable of the environment, whose value may be a whole Authorization or a bearer's token alone. */
export function authorizationFrom(name: string, env: NodeJS.ProcessEnv): readonly [string, string] {
  const value = env[name]?.trim();
  if (value === undefined || value === "") {
    throw new TrafficError("BAD_OPTION", `--auth-from-env ${name}: the environment has no such variable`, {
      hint: `its value is sent as Authorization, with 'Bearer' before it where it is one word`,
    });
  }
  return ["Authorization", /\s/.test(value) ? value : `Bearer ${value}`];
}

/** `none`, `recorded`, or how many times as fast as recorded: `2x`. @throws BAD_OPTION */
export function parseSpeed(text: string): number | undefined {
  if (text === "none") return undefined;
  if (text === "recorded") return 1;
  const times = /^(\d+(?:\.\d+)?)x$/i.exec(text);
  if (times !== null && Number(times[1]) > 0) return Number(times[1]);
  throw new TrafficError("BAD_OPTION", `--pace ${text} is no pace`, {
    hint: "none, recorded, or times as fast: 2x, 0.5x",
  });
}

/** Requests a second, of `5`, `5/s`, `90/m`. @throws BAD_OPTION */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text);
  const rate = match === null ? 0 : Number(match[1]) / RATE_SECONDS[match[2] ?? "s"]!;
  if (rate > 0) return rate;
  throw new TrafficError("BAD_OPTION", `--rate ${text} is no rate`, {
    hint: "requests in a second: 5, 90/m",
  });
}

const RATE_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** @throws BAD_OPTION */
export function parseCookies(text: string): NonNullable<ReplayInput["cookies"]> {
  if (text === "recorded" || text === "follow") return text;
  throw new TrafficError("BAD_OPTION", `--cookies ${text} is neither recorded nor follow`);
}

function notAFile(path: string, cause: unknown): TrafficError {
  return new TrafficError("FILE_NOT_FOUND", `the body's file ${path} can't be read`, { cause });
}
