// The one door through which everything that leaves the machine goes: exchanges, contents, messages. One redactor per
// export; equal secrets get equal placeholders, and what was a secret once is one everywhere after.
import type { Exchange } from "../exchange/exchange.js";
import { BodyRedaction, type BodyText, type ReadBody } from "./body-redaction.js";
import { HeadRedaction } from "./head-redaction.js";
import { type RedactableMessage, redactMessages } from "./message-redaction.js";
import { DEFAULT_POLICY, type Policy } from "./policy.js";
import type { RedactionReport } from "./report.js";
import type { ContentInfo } from "./work.js";
import { Works } from "./works.js";

export type { RedactableMessage } from "./message-redaction.js";

export interface Redactor {
  /** Addresses, header fields, trailers and error message. Bodies stay: they go through `content` or `bytes`. */
  exchange(exchange: Exchange): Exchange;
  /** A decoded body that is text. Its syntax stays valid, its formatting as it is. */
  content(text: string, info: ContentInfo): string;
  /** A body that is no text; as many bytes come back. */
  bytes(bytes: Buffer, info: ContentInfo): Buffer;
  /**
   * A decoded body, text or not. After `learn.body` of the same bytes this takes a fraction of the time.
   *
   * @returns the new text where it is one; else bytes, the very ones that were given where nothing was replaced
   */
  body(bytes: Buffer, info: ContentInfo, read: ReadBody): BodyText | Buffer;
  /** Messages of one WebSocket in their order. A secret that is split over several is found within one call. */
  messages<Message extends RedactableMessage>(
    messages: readonly Message[],
    info: { readonly url?: string },
  ): Message[];
  /**
   * The same for a first pass: takes note of the secrets and counts nothing. After it, a secret is also replaced
   * where it stands before the place that gives it away.
   */
  readonly learn: {
    exchange(exchange: Exchange): void;
    content(text: string, info: ContentInfo): void;
    body(bytes: Buffer, info: ContentInfo, read: ReadBody): void;
    messages(messages: readonly RedactableMessage[], info: { readonly url?: string }): void;
  };
  report(): RedactionReport;
}

/** @param policy the built-in one where absent */
export function createRedactor(policy: Policy = DEFAULT_POLICY): Redactor {
  const works = new Works(policy);
  const heads = new HeadRedaction(works);
  const bodies = new BodyRedaction(works);
  const messages: Redactor["messages"] = (all, { url }) =>
    works.keeps(url) ? [...all] : redactMessages(all, works, (data, info) => bodies.bytes(data, info));
  return {
    exchange: (exchange) => heads.exchange(exchange),
    content: (text, info) => bodies.content(text, info),
    bytes: (bytes, info) => bodies.bytes(bytes, info),
    body: (bytes, info, read) => bodies.body(bytes, info, read),
    messages,
    learn: {
      exchange: (exchange) => works.learning(() => heads.exchange(exchange)),
      content: (text, info) => works.learning(() => bodies.content(text, info)),
      body: (bytes, info, read) => works.learning(() => bodies.body(bytes, info, read)),
      messages: (all, info) => works.learning(() => messages(all, info)),
    },
    report: () => works.report(),
  };
}
