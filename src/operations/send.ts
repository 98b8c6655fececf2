// Sends one request that a person wrote, and records it.
import { TrafficError } from "../errors.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import { checkSendable } from "../replay/send/outgoing.js";
import { type RequestBody, type SendRequest, Unsendable } from "../replay/send/request.js";
import { VERSION } from "../version.js";
import { wireText, wireUrl } from "./replay/edits.js";
import { type NewSession, openSending, type SendingOptions } from "./replay/sending.js";

export interface SendInput extends SendingOptions {
  readonly url: string;
  /** Default GET, with a body POST. */
  readonly method?: string | undefined;
  /** As a person writes them; they take the place of those that are sent anyway, and "" takes one of these away. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly body?: RequestBody | undefined;
  /** Of the body, where no header says it. */
  readonly bodyType?: string | undefined;
  readonly http1?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SentRequest {
  readonly session: NewSession;
  readonly id: string;
  /** null where none came: the exchange says why. */
  readonly status: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** @throws BAD_OPTION for what can't be sent, and what `openSending` throws. */
export async function send(input: SendInput): Promise<SentRequest> {
  const request = requestOf(input);
  try {
    checkSendable(request);
  } catch (error) {
    if (!(error instanceof Unsendable)) throw error;
    throw new TrafficError("BAD_OPTION", error.message, { cause: error });
  }
  const sending = await openSending(input, { sent: true });
  const stop = (): void => sending.sender.stop();
  input.signal?.addEventListener("abort", stop);
  try {
    if (input.signal?.aborted === true) stop();
    const { exchange } = await sending.sender.send(request);
    const session = await sending.close();
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    return { session, id: exchange.id, status: response?.status ?? null, error: exchange.error ?? null };
  } finally {
    input.signal?.removeEventListener("abort", stop);
    await sending.close();
  }
}

function requestOf(input: SendInput): SendRequest {
  const { url, authority, credentials } = withoutCredentials(wireUrl(input.url));
  const { body = null } = input;
  const written = (input.headers ?? []).map(([name, value]) => [name, wireText(value)] as const);
  const isHttps = url.toLowerCase().startsWith("https:");
  return {
    method: input.method ?? (body === null ? "GET" : "POST"),
    url,
    httpVersion: isHttps && input.http1 !== true ? "HTTP/2.0" : "HTTP/1.1",
    headers: withDefaults(written, [
      ["Host", authority],
      ["User-Agent", `trafficctl/${VERSION}`],
      ["Accept", "*/*"],
      ...(credentials === undefined ? [] : [["Authorization", credentials] as const]),
      ...(body === null || input.bodyType === undefined ? [] : [["Content-Type", input.bodyType] as const]),
      ...(body === null ? [] : [["Content-Length", String(body.size)] as const]),
    ]),
    body,
  };
}

/** Several of one name may be written; the default of that name is not sent then. */
function withDefaults(written: RawHeaders, defaults: RawHeaders): RawHeaders {
  const kept = defaults.filter(([name]) => headerValue(written, name) === undefined);
  return [...kept, ...written.filter(([, value]) => value !== "")];
}

/** `https://user:password@host/`: said in Authorization (RFC 7617), since a URL is never sent with it. */
function withoutCredentials(url: string): { url: string; authority: string; credentials?: string } {
  const match = /^([a-z]+:\/\/)([^/?#]*)(.*)$/is.exec(url);
  const [, scheme = "", whole = "", rest = ""] = match ?? [];
  const at = whole.lastIndexOf("@");
  const authority = whole.slice(at + 1);
  if (at === -1) return { url, authority };
  const user = Buffer.from(unescaped(whole.slice(0, at)), "utf8").toString("base64");
  return { url: `${scheme}${authority}${rest}`, authority, credentials: `Basic ${user}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
