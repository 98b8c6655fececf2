// A held message as it would go on, and what it becomes by an edit. What an edit does not touch stays byte for byte.
import { contentCodings } from "../../content/codings.js";
import { decodeContent } from "../../content/decode.js";
import { encodeContent } from "../../content/encode.js";
import type { HeldEdit, HeldSummary, ShownHeld } from "../../control/intercept-methods.js";
import { TrafficError } from "../../errors.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { RequestContinue, RequestOutcome } from "../../proxy/intervention.js";
import { parseAbsoluteTarget } from "../../proxy/target.js";
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
  const before = messageOf(held);
  checkEdit(edit);
  checkBody(before, edit);
  const { method, url, status, reason, headers } = edit;
  return {
    ...outcome,
    ...(phase === "request"
      ? { ...(method === undefined ? {} : { method }), ...(url === undefined ? {} : { url }) }
      : { ...(status === undefined ? {} : { status }), ...(reason === undefined ? {} : { reason }) }),
    ...(headers === undefined ? {} : { headers }),
    ...(await editedBody(before, edit)),
  };
}

/** The content that was shown, or is given, under the codings that the headers name by now. */
async function editedBody(before: HeldMessage, edit: HeldEdit): Promise<{ body?: Buffer }> {
  const headers = edit.headers ?? before.headers;
  const codings = contentCodings(headers);
  const isRecoded = codings.join() !== contentCodings(before.headers).join();
  const content =
    edit.body === undefined
      ? isRecoded
        ? await contentOf(before)
        : undefined
      : Buffer.from(edit.body, "base64");
  if (content === undefined) return {};
  const body = await encodeContent(content, codings).catch((error: unknown) => {
    if (!(error instanceof TrafficError)) throw error;
    throw new TrafficError("BAD_OPTION", error.message, {
      hint: "take its Content-Encoding away where the body is edited",
    });
  });
  return { body };
}

/** Undefined where there is none, and where it stays as it came: it was not shown. */
async function contentOf({ wire, headers }: HeldMessage): Promise<Buffer | undefined> {
  if (wire === undefined || wire.length === 0) return undefined;
  const { bytes, problem, limited } = await decodeContent(wire, headers, { limit: SHOWN_LIMIT });
  return problem === undefined && !limited ? bytes : undefined;
}

/** RFC 9110 sections 6.4.1 and 9.3.2: what would not be sent is not taken for sent. */
function checkBody(
  { method, status: cameWith }: HeldMessage,
  { status = cameWith ?? 0, body = "" }: HeldEdit,
): void {
  if (cameWith === null || body === "") return;
  const hint = "leave its body empty";
  if (method === "HEAD") throw new TrafficError("BAD_OPTION", "a response to HEAD has no body", { hint });
  if (status === 204 || status === 304)
    throw new TrafficError("BAD_OPTION", `a ${status} has no body`, { hint });
}

function checkEdit({ method, url, headers = [], reason = "" }: HeldEdit): void {
  if (method !== undefined && !TOKEN.test(method)) throw unfit(`'${method}' is no method`);
  if (method === "CONNECT") throw unfit("'CONNECT' is no method of a held request");
  if (url !== undefined && !isHttpUrl(url)) throw unfit(`'${url}' is no http:// or https:// URL`);
  if (url !== undefined && hasCredentials(url))
    throw unfit(`'${url}' has a name or a password in it, which no request carries`);
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
  return /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text) && parseAbsoluteTarget(text) !== undefined;
}

function hasCredentials(text: string): boolean {
  const { username, password } = new URL(text);
  return username !== "" || password !== "";
}

function unfit(problem: string): TrafficError {
  return new TrafficError("BAD_OPTION", problem, { hint: "`trafficctl intercept edit` again" });
}
