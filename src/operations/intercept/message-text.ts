// A held message as text for an editor, and what was changed of it. Bytes that nobody touched stay what they are: the body
// stands there as it is, and one that is no text by a line that stands for it.
import { isUtf8 } from "node:buffer";
import { decodeText } from "../../content/text.js";
import type { HeldEdit, ShownHeld } from "../../control/intercept-methods.js";
import { TrafficError } from "../../errors.js";
import { headerValue } from "../../exchange/headers.js";

type Shown = Pick<ShownHeld, "phase" | "message">;

/** @param remarks lines for the person; they are no part of the message */
export function messageText({ phase, message }: Shown, remarks: readonly string[]): Buffer {
  const { method, url, status, reason, headers } = message;
  const start = phase === "request" ? `${method} ${url}` : `${status} ${reason}`.trimEnd();
  const head = [
    ...remarks.map((line) => `# ${line}`),
    start,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\n");
  // A character of a header field is a byte.
  return Buffer.concat([Buffer.from(head, "latin1"), bodyText(message)]);
}

/**
 * @returns only what is other than it was; undefined where nothing is, or the text is empty
 * @throws TrafficError BAD_OPTION, with the line
 */
export function editOf(text: Buffer, { phase, message }: Shown): HeldEdit | undefined {
  const { head, body, firstLine } = split(text);
  const [start, ...fieldLines] = head;
  if (start === undefined) return undefined;
  const first = phase === "request" ? requestLine(start, firstLine) : statusLine(start, firstLine);
  const headers = fieldLines.map((line, index) => field(line, firstLine + 1 + index));
  const edit: HeldEdit = {
    ...(first.method === undefined || first.method === message.method ? {} : { method: first.method }),
    ...(first.url === undefined || first.url === message.url ? {} : { url: asTyped(first.url) }),
    ...(first.status === undefined || first.status === message.status ? {} : { status: first.status }),
    ...(first.reason === undefined || first.reason === message.reason.trim() ? {} : { reason: first.reason }),
    ...(sameFields(headers, message.headers) ? {} : { headers }),
    ...bodyEdit(body, firstLine + head.length + 1, message),
  };
  return Object.keys(edit).length === 0 ? undefined : edit;
}

interface Split {
  readonly head: readonly string[];
  /** The number of the line that `head` begins with, from 1. */
  readonly firstLine: number;
  /** Undefined where there is no empty line after the head. */
  readonly body: Buffer | undefined;
}

function split(text: Buffer): Split {
  const head: string[] = [];
  let firstLine = 0;
  let at = 0;
  for (let number = 1; at < text.length; number++) {
    const end = text.indexOf(10, at);
    const next = end === -1 ? text.length : end + 1;
    const line = text.toString("latin1", at, end === -1 ? text.length : end).replace(/\r$/, "");
    at = next;
    if (head.length === 0 && (line.startsWith("#") || line.trim() === "")) continue;
    if (head.length === 0) firstLine = number;
    if (line === "") return { head, firstLine, body: text.subarray(at) };
    head.push(line);
  }
  return { head, firstLine, body: undefined };
}

interface Start {
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  readonly reason?: string;
}

function requestLine(line: string, number: number): Start {
  const match = /^(\S+)\s+(\S+)(?:\s+HTTP\/[\d.]+)?\s*$/.exec(line);
  if (match === null) throw wrong(number, "this is no request line", "write METHOD URL");
  return { method: match[1]!, url: match[2]! };
}

function statusLine(line: string, number: number): Start {
  const match = /^(?:HTTP\/[\d.]+\s+)?([2-5]\d\d)(?:\s+(.*?))?\s*$/.exec(line);
  if (match === null)
    throw wrong(number, "this is no status line", "write a status from 200, and its reason");
  return { status: Number(match[1]), reason: match[2] ?? "" };
}

function field(line: string, number: number): [string, string] {
  const match = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match !== null) return [match[1]!, match[2]!];
  throw wrong(number, "this is no header field", "write Name: value, and an empty line before the body");
}

type Fields = readonly (readonly [string, string])[];

function sameFields(a: Fields, b: Fields): boolean {
  return (
    a.length === b.length &&
    a.every(([name, value], at) => name === b[at]![0] && value === trimmed(b[at]![1]))
  );
}

/** Spaces and tabs only (RFC 9110 section 5.6.3): other characters are bytes of the value. */
function trimmed(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** What an editor wrote as UTF-8, which stands here as its bytes. */
function asTyped(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : text;
}

function bodyText(message: Shown["message"]): Buffer {
  const { body } = message;
  if (body === null) return Buffer.from(`[${noteOf(message)}]\n`);
  const bytes = Buffer.from(body, "base64");
  return isText(bytes, message) ? bytes : Buffer.from(standIn(bytes));
}

/** @param line the number of its first line @throws TrafficError BAD_OPTION for a part of what only stands for it */
function bodyEdit(body: Buffer | undefined, line: number, message: Shown["message"]): { body?: string } {
  const shown = bodyText(message);
  const after = withoutAddedLineEnd(body ?? Buffer.alloc(0), shown);
  if (after.equals(shown)) return {};
  if (message.body === null) {
    if (isLine(after, shown)) return {};
    throw wrong(line, noteOf(message), "leave this line as it is: the rest can be changed");
  }
  const before = Buffer.from(message.body, "base64");
  if (after.equals(before)) return {};
  if (!isText(before, message)) {
    if (isLine(after, shown)) return {};
    if (after.includes(shown.subarray(0, -1)))
      throw wrong(line, "this line stands for bytes that are no text", "leave it alone, or write all anew");
  }
  return { body: after.toString("base64") };
}

/** Whatever end the line has by now. */
function isLine(after: Buffer, shown: Buffer): boolean {
  return after.toString("latin1").trimEnd() === shown.toString("latin1").trimEnd();
}

function noteOf({ note }: Shown["message"]): string {
  return note ?? "the body is not at hand";
}

/** Editors end the last line of a file; a body whose last line has no end keeps it so. */
function withoutAddedLineEnd(after: Buffer, shown: Buffer): Buffer {
  return after.at(-1) === 10 && shown.at(-1) !== 10 ? after.subarray(0, -1) : after;
}

function isText(bytes: Buffer, { headers }: Shown["message"]): boolean {
  return bytes.length === 0 || decodeText(bytes, headerValue(headers, "content-type") ?? "") !== null;
}

function standIn(bytes: Buffer): string {
  return `[${bytes.length} bytes that are no text: they stay as they are as long as this line does]\n`;
}

function wrong(line: number, problem: string, hint: string): TrafficError {
  return new TrafficError("BAD_OPTION", `line ${line}: ${problem}`, { hint });
}
