// The texts that patterns are searched in. null: there is none; undefined: it can't be told yet.
import type { Source } from "./condition.js";
import { hasResponse, headerLines, hostOf, ofResponse, type Subject } from "./subject.js";

export const requestHeaders: Source<string> = ({ requestHeaders: headers }) =>
  headers && headerLines(headers);
export const responseHeaders: Source<string> = (subject) => {
  const came = hasResponse(subject);
  if (came !== true) return came === false ? null : undefined;
  return subject.responseHeaders && headerLines(subject.responseHeaders);
};
export const requestType: Source<string> = ({ facts }) => facts.requestType || null;
export const responseType: Source<string> = (subject) =>
  ofResponse(subject, (facts) => facts.responseType || null);
export const requestContent: Source<string> = ({ requestContent: content }) => content;
export const responseContent: Source<string> = (subject) => {
  const came = hasResponse(subject);
  if (came !== true) return came === false ? null : undefined;
  return subject.responseContent;
};

export const clientAddress: Source<string> = ({ facts }) => endpoint(facts.client);

/** mitmproxy writes no brackets around an IPv6 address. */
function endpoint(text: string): string | null {
  if (text === "") return null;
  return text.startsWith("[") ? text.replace(/[[\]]/g, "") : text;
}

export const serverAddress: Source<string> = (subject) =>
  subject.facts.server === "" && isUnderWay(subject) ? undefined : endpoint(subject.facts.server);

/** mitmproxy has the name that the client asked for as the server's address. */
export const serverName: Source<string> = (subject) => {
  if (subject.facts.server === "") return isUnderWay(subject) ? undefined : null;
  const port = /^[a-z]+:\/\/[^/?#]*?:(\d+)(?:[/?#]|$)/i.exec(subject.facts.url)?.[1];
  return `${hostOf(subject)}:${port ?? (/^(?:https|wss):/i.test(subject.facts.url) ? 443 : 80)}`;
};

export const errorText: Source<string> = (subject) => {
  const { error } = subject.facts;
  if (error === null) return isUnderWay(subject) ? undefined : null;
  return `${error.code}: ${error.message}`;
};

/** mitmproxy's mark is an empty text where there is none. */
export function marks(tags: readonly string[]): readonly string[] {
  return tags.length === 0 ? [""] : tags;
}

export function isUnderWay({ phase }: Subject): boolean {
  return phase !== "done";
}
