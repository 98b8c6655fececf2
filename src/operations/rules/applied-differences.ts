// What of an exchange is other under rules than it was: lines of heads, bodies, and what became of it as a whole.
import type { Exchange, ForwardedRequest, HttpResponse } from "../../exchange/exchange.js";
import type { TrialEffect } from "../../rules/trial.js";

export interface Difference {
  readonly of: "request" | "response" | "exchange";
  /** The line of a head, or `body`; null where it was not, or is not. */
  readonly before: string | null;
  readonly after: string | null;
}

export function differencesOf(before: Exchange, after: Exchange, effect: TrialEffect): Difference[] {
  const [was, is] = [before, after].map((exchange) =>
    exchange.kind === "tunnel" ? undefined : exchange.response,
  );
  const { request, response } = effect;
  const sent = Object.keys(request ?? {}).length === 0 ? before.request : (after.forwarded ?? before.request);
  return [
    ...lines("request", requestLines(before.request), requestLines(sent)),
    ...lines("request", [], request === undefined ? ["not sent"] : []),
    ...body("request", before.request.body.size, request?.body?.length),
    ...lines("response", responseLines(was), responseLines(is)),
    ...body("response", was?.body.size, sizeOf(response?.body)),
    ...lines("exchange", before.kind === after.kind ? [] : [connectionLine(before)], []),
    ...lines("exchange", [], effect.abort === undefined ? [] : [`ended: ${effect.abort}`]),
    ...lines("exchange", [], effect.recorded ? [] : ["not recorded"]),
    ...lines("exchange", [], effect.keptOut.length === 0 ? [] : ["redacted"]),
    ...lines(
      "exchange",
      [],
      effect.tags.map((tag) => `tag ${tag}`),
    ),
    ...lines("exchange", [], effect.delayMs === 0 ? [] : [`delayed by ${Math.round(effect.delayMs)} ms`]),
  ];
}

function connectionLine(exchange: Exchange): string {
  return exchange.kind === "websocket"
    ? `a WebSocket (messages: ${exchange.messageCount})`
    : `a ${exchange.kind}`;
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
