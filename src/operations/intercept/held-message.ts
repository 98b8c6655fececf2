// A held message as it would go on, and what it becomes by an edit. What an edit does not touch stays byte for byte.
import { contentCodings } from "../../content/codings.js";
import { decodeContent } from "../../content/decode.js";
import { encodeContent } from "../../content/encode.js";
import type { HeldEdit, HeldSummary, ShownHeld } from "../../control/intercept-methods.js";
import { TrafficError } from "../../errors.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { RequestContinue, RequestOutcome } from "../../proxy/intervention.js";
import type { Held } from "./held-exchanges.js";

/** Of a body to be shown and edited, in base64 and in one message of the control socket. */
const SHOWN_LIMIT = 10_000_000;

interface HeldMessage {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly status: number | null;
  readonly reason: string;
  readonly headers: RawHeaders;
  /** As it goes out; undefined where it is not at hand. */
  readonly wire: Buffer | undefined;
}

/** The message with what the rules have made of it. */
function messageOf(held: Held): HeldMessage {
  if (held.phase === "request") {
    const { head, body } = held.message;
    const changed: Partial<RequestContinue> = held.outcome.kind === "continue" ? held.outcome : {};
    const { method, url, headers, httpVersion } = head;
    return {
      httpVersion,
      status: null,
      reason: "",
      method: changed.method ?? method,
      url: changed.url ?? url,
      headers: changed.headers ?? headers,
      wire: changed.body ?? body,
    };
  }
  const { head, request, body } = held.message;
  const { outcome } = held;
  return {
    method: request.method,
    url: request.url,
    httpVersion: head.httpVersion,
    status: outcome.status ?? head.status,
    reason: outcome.reason ?? head.reason,
    headers: outcome.headers ?? head.headers,
    wire: outcome.body ?? body,
  };
}

export function summary(held: Held): HeldSummary {
  const { method, url, status } = messageOf(held);
  const { head } = held.phase === "request" ? held.message : { head: held.message.request };
  return {
    id: held.id,
    phase: held.phase,
    since: new Date(held.since).toISOString(),
    method,
    url,
    status,
    exchange: head.id ?? null,
  };
}

/** Whether a rule has decided the exchange, so that its request goes nowhere. */
export function decidedOf(held: Held): ShownHeld["decided"] {
  if (held.outcome.kind === "continue") return "continues";
  return held.outcome.kind === "respond" ? "answered" : "aborted";
}

export async function shownMessage(held: Held): Promise<ShownHeld["message"]> {
  const { wire, headers, ...head } = messageOf(held);
  const shown = { ...head, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  if (wire === undefined) {
    const note = held.message.tooLarge ? "the body is too large to be held" : "the body is not held";
    return { ...shown, body: null, note };
  }
  const { bytes, problem, limited } = await decodeContent(wire, headers, { limit: SHOWN_LIMIT });
  if (problem !== undefined) return { ...shown, body: null, note: `the body can't be decoded: ${problem}` };
  if (limited) return { ...shown, body: null, note: `the body decodes to more than ${SHOWN_LIMIT} bytes` };
  return { ...shown, body: bytes.toString("base64"), note: null };
}

/** @throws TrafficError BAD_OPTION for what can't be sent */
export async function edited(held: Held, edit: HeldEdit): Promise<RequestOutcome> {
  const { outcome, phase } = held;
  if (outcome.kind !== "continue") {
    throw new TrafficError(
      "BAD_OPTION",
      `exchange ${held.id} can't be edited: a rule has decided it already`,
      {
        hint: "resume it, and edit the response when that is held",
      },
    );
  }
  checkEdit(edit);
  const before = messageOf(held);
  const own =
    phase === "request"
      ? {
          ...(edit.method === undefined ? {} : { method: edit.method }),
          ...(edit.url === undefined ? {} : { url: edit.url }),
        }
      : {
          ...(edit.status === undefined ? {} : { status: edit.status }),
          ...(edit.reason === undefined ? {} : { reason: edit.reason }),
        };
  const headers = edit.headers ?? before.headers;
  const withHeaders = edit.headers === undefined ? {} : { headers };
  if (edit.body === undefined) return { ...outcome, ...own, ...withHeaders };
  const content = Buffer.from(edit.body, "base64");
  const codings = contentCodings(headers);
  const body = await encodeContent(content, codings).catch((error: unknown) => {
    if (!(error instanceof TrafficError)) throw error;
    throw new TrafficError("BAD_OPTION", error.message, {
      hint: "take its Content-Encoding away where the body is edited",
    });
  });
  return { ...outcome, ...own, ...withHeaders, body };
}

function checkEdit({ method, url, headers = [], reason = "" }: HeldEdit): void {
  if (method !== undefined && !TOKEN.test(method)) throw unfit(`'${method}' is no method`);
  if (url !== undefined && !isHttpUrl(url)) throw unfit(`'${url}' is no http:// or https:// URL`);
  if (CONTROL.test(reason)) throw unfit("the reason has control characters in it");
  for (const [name, value] of headers) {
    if (!TOKEN.test(name)) throw unfit(`'${name}' is no name of a header field`);
    if (CONTROL.test(value)) throw unfit(`the value of ${name} has control characters in it`);
  }
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text);
}

function unfit(problem: string): TrafficError {
  return new TrafficError("BAD_OPTION", problem, { hint: "`trafficctl intercept edit` again" });
}
