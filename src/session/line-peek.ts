// Reads single facts off a line of our own without parsing it. Exact, not a guess: within a JSON string every quote
// is escaped, so `"id":"` with plain quotes can only be that key; `v` and `type` come first in lines of ours.
import { LINE_PREFIX, type LineType } from "./format.js";

const TYPES: readonly (readonly [LineType, Buffer])[] = [
  ["exchange", Buffer.from(LINE_PREFIX.exchange)],
  ["websocket-message", Buffer.from(LINE_PREFIX["websocket-message"])],
  ["open", Buffer.from(LINE_PREFIX.open)],
];
const ERROR = Buffer.from('"error":{"code":');
const ID = Buffer.from('"id":"');
const EXCHANGE = Buffer.from('"exchange":"');
const FILE = Buffer.from('"kind":"file"');
const ID_LENGTH = 26;

/** @returns undefined for a line that does not begin as ours do. */
export function lineType(line: Buffer): LineType | undefined {
  for (const [type, prefix] of TYPES) {
    if (line.length > prefix.length && prefix.compare(line, 0, prefix.length) === 0) return type;
  }
  return undefined;
}

/** @returns the id of the exchange the line belongs to, or "". */
export function lineExchange(line: Buffer, type: LineType | undefined): string {
  const key = type === "websocket-message" ? EXCHANGE : ID;
  const at = line.indexOf(key);
  return at === -1 ? "" : line.toString("latin1", at + key.length, at + key.length + ID_LENGTH);
}

export function lineHasError(line: Buffer): boolean {
  return line.includes(ERROR);
}

/** @returns the files that hold one body of the line alone. */
export function lineBodies(line: Buffer): { file: string; stored: number }[] {
  if (!line.includes(FILE)) return [];
  const files: { file: string; stored: number }[] = [];
  JSON.parse(line.toString("utf8"), (_key, value: unknown) => {
    if (isFileBody(value)) files.push({ file: value.file, stored: value.stored });
    return value;
  });
  return files;
}

function isFileBody(value: unknown): value is { kind: "file"; file: string; stored: number } {
  if (typeof value !== "object" || value === null) return false;
  if (!("kind" in value) || value.kind !== "file" || "offset" in value) return false;
  return (
    "file" in value && typeof value.file === "string" && "stored" in value && typeof value.stored === "number"
  );
}
