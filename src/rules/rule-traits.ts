// What rules and messages are like, as far as a ruled exchange goes by it.
import { headerValue } from "../exchange/headers.js";
import type { RequestHead, ResponseHead } from "./subject.js";
import type { Rule } from "./types.js";

export function actsOnMessages({ actions }: Rule): boolean {
  return actions.some(({ message }) => message !== undefined);
}

export function keepsOut({ actions }: Rule): boolean {
  return actions.some((action) => action.keepsOut !== undefined);
}

export function holdsResponse({ actions }: Rule): boolean {
  return actions.some((action) => action.holdsResponse === true);
}

/** Its end may never come. */
export function isEventStream({ headers }: ResponseHead): boolean {
  return /^text\/event-stream\b/i.test(headerValue(headers, "content-type")?.trim() ?? "");
}

/** RFC 9110 section 7.8, RFC 8441 section 5: what follows is no message of HTTP any more. */
export function isAcceptance({ method }: RequestHead, { status }: ResponseHead): boolean {
  return status === 101 || (method === "CONNECT" && status >= 200 && status < 300);
}

export function changesTraffic({ actions }: Rule): boolean {
  return actions.some(
    ({ request, response, once }) => request !== undefined || response !== undefined || once !== undefined,
  );
}
