// A recorded exchange as rules leave it: as it would have been recorded if they had been in force. The request stands
// there as the client sent it, with what would have gone on; the response as the client would have got it.
import type { Exchange, ForwardedRequest, HttpExchange, HttpResponse } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { Surroundings } from "../../rules/ruled-exchange.js";
import { type TrialEffect, tryRules } from "../../rules/trial.js";
import type { RuleSet } from "../../rules/types.js";
import type { Selected } from "../query.js";
import type { BodyBytes, DescribedBody } from "../write-session.js";
import { recordedInput } from "./trial-input.js";

/** What rules did to one exchange. */
export interface ExchangeChange {
  readonly id: string;
  readonly seq: number;
  readonly method: string;
  readonly url: string;
  /** Names, in the order in which they acted. */
  readonly rules: readonly string[];
  /** False: a rule keeps it out of the recording. */
  readonly recorded: boolean;
  /** What is other than it was: the line of a head, or `body`; `before` and `after` null where it was not or is not. */
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
}

interface Difference {
  readonly of: "request" | "response" | "exchange";
  readonly before: string | null;
  readonly after: string | null;
}

export interface AppliedExchange {
  readonly change: ExchangeChange;
  readonly exchange: Exchange;
  readonly bodies: { readonly request: BodyBytes; readonly response?: BodyBytes | DescribedBody };
}

/** @returns undefined where no rule acts: it stays as it is */
export async function apply(
  selected: Selected,
  set: RuleSet,
  surroundings: Surroundings,
): Promise<AppliedExchange | undefined> {
  const before = await selected.exchange();
  // Rules never see what is in a tunnel; a WebSocket's messages are kept as they are.
  if (before.kind !== "http") return undefined;
  const input = await recordedInput(selected);
  const { effect, acting } = await tryRules(set, input, surroundings);
  if (acting.length === 0) return undefined;
  const exchange = changed(before, effect, acting);
  const response = await responseBody(selected, before, effect);
  return {
    exchange,
    bodies: {
      request: await selected.storedBody(before.request.body, Number.POSITIVE_INFINITY),
      ...(response === undefined ? {} : { response }),
    },
    change: {
      id: before.id,
      seq: before.seq,
      method: before.request.method,
      url: before.request.url,
      rules: acting,
      recorded: effect.recorded,
      differences: differencesOf(before, exchange, effect),
      notes: effect.notes,
    },
  };
}

function changed(before: HttpExchange, effect: TrialEffect, rules: readonly string[]): HttpExchange {
  const { response: _response, error: _error, server: _server, ...rest } = before;
  const { request, abort } = effect;
  const forwarded = request === undefined ? undefined : forwardedOf(before, request);
  const marked = {
    ...rest,
    ...(forwarded === undefined ? {} : { forwarded }),
    rules: [...(before.rules ?? []), ...rules],
    ...(effect.tags.length === 0 ? {} : { tags: [...(before.tags ?? []), ...effect.tags] }),
  };
  if (abort !== undefined) {
    return { ...marked, error: { code: "aborted", message: `a rule ended the exchange (${abort})` } };
  }
  const response = responseOf(before, effect);
  const isAnswered = request === undefined;
  return {
    ...marked,
    ...(isAnswered || before.server === undefined ? {} : { server: before.server }),
    ...(isAnswered || before.error === undefined ? {} : { error: before.error }),
    ...(response === undefined ? {} : { response }),
  };
}

function forwardedOf(
  { request }: HttpExchange,
  { method, url, headers, body }: NonNullable<TrialEffect["request"]>,
): ForwardedRequest | undefined {
  if (method === undefined && url === undefined && headers === undefined && body === undefined)
    return undefined;
  return {
    method: method ?? request.method,
    url: url ?? request.url,
    headers: headers ?? request.headers,
    ...(body === undefined ? {} : { bodySize: body.length }),
  };
}

function responseOf(before: HttpExchange, { response }: TrialEffect): HttpResponse | undefined {
  const was = before.response;
  if (response === undefined) return undefined;
  if (was === undefined && response.status === undefined) return undefined;
  const { httpVersion } = was ?? before.request;
  const status = response.status ?? was?.status ?? 200;
  const reason = response.reason ?? was?.reason ?? "";
  const headers = response.headers ?? was?.headers ?? [];
  return {
    ...was,
    status,
    reason,
    httpVersion,
    headers,
    headersSize: httpVersion === "HTTP/2.0" ? -1 : headSize(`${httpVersion} ${status} ${reason}`, headers),
    body: was?.body ?? { kind: "empty", size: 0 },
  };
}

function headSize(start: string, headers: RawHeaders): number {
  return headers.reduce((size, [name, value]) => size + name.length + value.length + 4, start.length + 4);
}

async function responseBody(
  selected: Selected,
  { response: was }: HttpExchange,
  { response }: TrialEffect,
): Promise<BodyBytes | DescribedBody | undefined> {
  if (response?.body !== undefined) {
    const bytes = Buffer.isBuffer(response.body) ? response.body : response.body.read();
    return { bytes, describe: (stored) => stored };
  }
  if (response === undefined || was === undefined) return undefined;
  return await selected.storedBody(was.body, Number.POSITIVE_INFINITY);
}

function differencesOf(before: HttpExchange, after: HttpExchange, effect: TrialEffect): Difference[] {
  const { request, response } = effect;
  const sent = Object.keys(request ?? {}).length === 0 ? before.request : (after.forwarded ?? before.request);
  return [
    ...lines("request", requestLines(before.request), requestLines(sent)),
    ...lines("request", [], request === undefined ? ["not sent"] : []),
    ...body("request", before.request.body.size, request?.body?.length),
    ...lines("response", responseLines(before.response), responseLines(after.response)),
    ...body("response", before.response?.body.size, sizeOf(response?.body)),
    ...lines("exchange", [], effect.abort === undefined ? [] : [`ended: ${effect.abort}`]),
    ...lines("exchange", [], effect.recorded ? [] : ["not recorded"]),
    ...lines(
      "exchange",
      [],
      effect.tags.map((tag) => `tag ${tag}`),
    ),
    ...lines("exchange", [], effect.delayMs === 0 ? [] : [`delayed by ${Math.round(effect.delayMs)} ms`]),
  ];
}

function requestLines({
  method,
  url,
  headers,
}: Pick<ForwardedRequest, "method" | "url" | "headers">): string[] {
  return [`${method} ${url}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
}

function responseLines(response: HttpResponse | undefined): string[] {
  if (response === undefined) return [];
  const { status, reason, headers } = response;
  return [`${status} ${reason}`.trimEnd(), ...headers.map(([name, value]) => `${name}: ${value}`)];
}

/** Lines that are gone, then lines that are new. */
function lines(of: Difference["of"], before: readonly string[], after: readonly string[]): Difference[] {
  return [
    ...without(before, after).map((line) => ({ of, before: line, after: null })),
    ...without(after, before).map((line) => ({ of, before: null, after: line })),
  ];
}

/** As many of a line as there are more of it. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

function body(of: Difference["of"], before: number | undefined, after: number | undefined): Difference[] {
  if (after === undefined) return [];
  return [
    { of, before: before === undefined ? null : `body of ${before} bytes`, after: `body of ${after} bytes` },
  ];
}

function sizeOf(content: Buffer | { readonly size: number } | undefined): number | undefined {
  return Buffer.isBuffer(content) ? content.length : content?.size;
}
