// The whole of `show` for a person: facts, timings, request, response, conversation.
import type { Body } from "../../exchange/body.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { ShownContent, ShownExchange } from "../../operations/show.js";
import { printable } from "../printable.js";
import type { TextOptions } from "../text-options.js";
import { formatSize } from "../units.js";
import { describeContent } from "./content-text.js";
import { describeHead, describeTimings } from "./exchange-head.js";
import { describeMessages } from "./messages-text.js";

export interface ShownParts {
  readonly facts: boolean;
  readonly request: boolean;
  readonly response: boolean;
  /** False with --headers. */
  readonly bodies: boolean;
}

export function describeExchange(shown: ShownExchange, parts: ShownParts, options: TextOptions): string {
  const { exchange } = shown;
  const sections: string[] = [];
  if (parts.facts) {
    sections.push(describeHead(exchange, shown.open, options));
    sections.push(describeTimings(exchange.timings, options));
  }
  if (parts.request) sections.push(requestText(shown, parts, options), forwardedText(shown, options));
  if (parts.response) sections.push(responseText(shown, parts, options));
  if (parts.bodies && exchange.kind === "websocket" && shown.messages.length > 0) {
    const title = rule("Messages", options);
    sections.push(`${title}${describeMessages(shown.messages, shown.furtherMessages, options)}`);
  }
  return sections.filter((section) => section !== "").join("\n");
}

function requestText({ exchange, request }: ShownExchange, parts: ShownParts, options: TextOptions): string {
  const { method, target, httpVersion, headers, authority, body, trailers } = exchange.request;
  const line = options.colours.bold(printable(`${method} ${target} ${httpVersion}`));
  const fields = authority === undefined ? headers : ([[":authority", authority], ...headers] as RawHeaders);
  return (
    rule("Request", options) +
    `${line}\n${fieldsText(fields, options)}` +
    (parts.bodies ? bodyText(body, request, options) : "") +
    trailersText(trailers, options)
  );
}

/** What rules or a person made of it on its way. */
function forwardedText({ exchange: { forwarded } }: ShownExchange, options: TextOptions): string {
  if (forwarded === undefined) return "";
  const { method, url, headers, bodySize } = forwarded;
  const note = bodySize === undefined ? "" : options.colours.dim(`another body: ${formatSize(bodySize)}\n`);
  const line = options.colours.bold(printable(`${method} ${url}`));
  return `${rule("Request as it went on", options)}${line}\n${fieldsText(headers, options)}${note}`;
}

function responseText(
  { exchange, response }: ShownExchange,
  parts: ShownParts,
  options: TextOptions,
): string {
  const recorded = exchange.kind === "tunnel" ? undefined : exchange.response;
  if (recorded === undefined || response === null) return "";
  const { colours } = options;
  const { status, reason, httpVersion, headers, body, trailers, informational = [] } = recorded;
  const early = informational
    .map(
      (head) =>
        `${colours.dim(printable(`${head.status} ${head.reason}`))}\n${fieldsText(head.headers, options)}`,
    )
    .join("");
  const line = colours.bold(printable(`${httpVersion} ${status} ${reason}`.trimEnd()));
  return (
    rule("Response", options) +
    `${early}${line}\n${fieldsText(headers, options)}` +
    (parts.bodies ? bodyText(body, response, options) : "") +
    trailersText(trailers, options)
  );
}

function bodyText(body: Body, content: ShownContent, options: TextOptions): string {
  const { colours } = options;
  const notes: string[] = [];
  if (body.kind === "omitted")
    notes.push(`${formatSize(body.size)}, not kept (--no-bodies, or a rule kept it out)`);
  if (body.truncated !== undefined)
    notes.push(`cut off: ${body.truncated}; ${formatSize(body.size)} had passed`);
  if (content.problem !== undefined) notes.push(content.problem);
  if (content.limited === true) notes.push("only the beginning was decoded; --body gives all of it");
  if (content.codings.length > 0 && body.size > 0) {
    notes.push(`${formatSize(body.size)} as sent, ${content.codings.join(", ")}`);
  }
  const said = notes.map((note) => `${colours.yellow(`(${printable(note)})`)}\n`).join("");
  const text = describeContent(content.view, options);
  return text === "" && said === "" ? "" : `\n${text}${said}`;
}

function trailersText(trailers: RawHeaders | undefined, options: TextOptions): string {
  if (trailers === undefined || trailers.length === 0) return "";
  return `\n${options.colours.dim("trailers")}\n${fieldsText(trailers, options)}`;
}

function fieldsText(headers: RawHeaders, { colours }: TextOptions): string {
  return headers.map(([name, value]) => `${colours.cyan(printable(name))}: ${readable(value)}\n`).join("");
}

/** Bytes beyond ASCII are UTF-8 nearly always. */
function readable(value: string): string {
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) return printable(value);
  return [...text]
    .map((character) => (/[\p{L}\p{N}\p{S}]/u.test(character) ? character : printable(character)))
    .join("");
}

function rule(title: string, { colours, width }: TextOptions): string {
  const columns = Math.min(width ?? 72, 100);
  return `${colours.dim(`── ${title} ${"─".repeat(Math.max(0, columns - title.length - 4))}`)}\n`;
}
