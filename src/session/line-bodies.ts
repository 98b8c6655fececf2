// Reads an exchange's bodies off its line without the rest: a search through bodies spends half of its time on headers
// otherwise. Exact, not a guess: within a JSON string every quote is escaped, so `"body"` with plain quotes is that key
// or the whole of a string, and what is cut out is parsed, which no part of an object's JSON and nothing longer passes.
import { type Body, EMPTY_BODY } from "../exchange/body.js";
import { isPlainBody } from "./line-check-parts.js";

export interface LineBodies {
  readonly request: Body;
  /** null where no response came. */
  readonly response: Body | null;
}

const BODY = Buffer.from('"body"');
const BODY_OBJECT = Buffer.from('"body":{');
const EMPTY = Buffer.from(`"body":${JSON.stringify(EMPTY_BODY)}`);
const REQUEST = Buffer.from('"request":{');
const RESPONSE = Buffer.from('"response":{');
const TIMINGS = Buffer.from('"timings":{');
const CLOSING = 0x7d;

/**
 * @param line of an exchange that is valid.
 * @returns undefined for a line that is not laid out as ours are: it has to be parsed.
 */
export function lineBodies(line: Buffer): LineBodies | undefined {
  const request = line.indexOf(REQUEST);
  const first = line.indexOf(BODY);
  if (request === -1 || first < request) return undefined;
  const response = line.indexOf(RESPONSE, request);
  if (response !== -1 && response < first) return undefined;
  const second = line.indexOf(BODY, first + BODY.length);
  const requestBody = emptyAt(line, first) ?? bodyAt(line, first, endOfRequest(line, first, response));
  if (requestBody === undefined) return undefined;
  if (second === -1) return response === -1 ? { request: requestBody, response: null } : undefined;
  if (response === -1 || second < response || line.includes(BODY, second + BODY.length)) return undefined;
  const responseBody = emptyAt(line, second) ?? bodyAt(line, second, line.length);
  return responseBody === undefined ? undefined : { request: requestBody, response: responseBody };
}

/** What most requests have. */
function emptyAt(line: Buffer, key: number): Body | undefined {
  return line.compare(EMPTY, 0, EMPTY.length, key, key + EMPTY.length) === 0 ? EMPTY_BODY : undefined;
}

function endOfRequest(line: Buffer, body: number, response: number): number {
  const timings = line.indexOf(TIMINGS, body);
  return timings === -1 ? response : timings;
}

/** @param end where the key behind its message begins, or the line's end; two characters before, the body ends. */
function bodyAt(line: Buffer, key: number, end: number): Body | undefined {
  if (line.compare(BODY_OBJECT, 0, BODY_OBJECT.length, key, key + BODY_OBJECT.length) !== 0) return undefined;
  const from = key + BODY_OBJECT.length - 1;
  const to = end - 2;
  if (to <= from || line[to - 1] !== CLOSING) return undefined;
  try {
    const body: unknown = JSON.parse(line.toString("utf8", from, to));
    return isPlainBody(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
