// The fields of an exchange that tables, CSV and JSON show: one table, by which `--fields` chooses.
import { TrafficError } from "../errors.js";
import type { ExchangeFacts } from "../exchange/facts.js";
import { hostOf, pathOf } from "../exchange/url.js";
import { nearNames } from "../near-names.js";
import { timeOfDay } from "./local-time.js";
import { formatDuration, formatSize } from "./units.js";

/** An exchange, and the session it is of. */
export interface ExchangeRow {
  readonly session: string;
  readonly facts: ExchangeFacts;
}

type FieldValue = string | number | null | readonly string[];

export interface ExchangeField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly value: (row: ExchangeRow) => FieldValue;
  /** For a person, where it differs from the value. */
  readonly text?: (row: ExchangeRow) => string;
  readonly align?: "left" | "right";
  readonly minWidth?: number;
}

/** In the order of the help. */
const EXCHANGE_FIELDS: readonly ExchangeField[] = [
  field("session", "SESSION", "session it is of", ({ session }) => session),
  field("id", "ID", "id of the exchange", ({ facts }) => facts.id),
  { ...field("seq", "SEQ", "number in its session", ({ facts }) => facts.seq), align: "right" },
  field("kind", "KIND", "http, websocket or tunnel", ({ facts }) => facts.kind),
  {
    ...field("startedAt", "TIME", "start, ISO 8601", ({ facts }) => new Date(facts.startedAt).toISOString()),
    text: ({ facts }) => timeOfDay(new Date(facts.startedAt)),
  },
  field("method", "METHOD", "request method", ({ facts }) => facts.method),
  { ...field("url", "URL", "absolute URL", ({ facts }) => facts.url), minWidth: 20 },
  { ...field("host", "HOST", "host of the URL", ({ facts }) => hostOf(facts.url)), minWidth: 8 },
  { ...field("path", "PATH", "path and query of the URL", ({ facts }) => pathOf(facts.url)), minWidth: 12 },
  {
    ...field("status", "STATUS", "status of the response", ({ facts }) => facts.status),
    text: ({ facts }) => statusText(facts),
  },
  field("reason", "REASON", "reason phrase", ({ facts }) => facts.reason),
  {
    ...field("type", "TYPE", "media type of the response", ({ facts }) => mediaTypeOf(facts.responseType)),
    text: ({ facts }) => typeText(facts),
    minWidth: 6,
  },
  field("requestType", "REQUEST TYPE", "media type of the request", ({ facts }) =>
    mediaTypeOf(facts.requestType),
  ),
  field(
    "httpVersion",
    "VERSION",
    "HTTP version of the response, else of the request",
    ({ facts }) => facts.responseVersion ?? facts.requestVersion,
  ),
  {
    ...field(
      "requestSize",
      "SENT",
      "bytes of the request's body on the wire",
      ({ facts }) => facts.requestSize,
    ),
    text: ({ facts }) => formatSize(facts.requestSize),
    align: "right",
  },
  {
    ...field(
      "responseSize",
      "SIZE",
      "bytes of the response's body on the wire",
      ({ facts }) => facts.responseSize,
    ),
    text: ({ facts }) => formatSize(facts.responseSize),
    align: "right",
  },
  {
    ...field("duration", "DURATION", "milliseconds from start to end", ({ facts }) => facts.duration),
    text: ({ facts }) => (facts.duration === null ? "open" : formatDuration(facts.duration)),
    align: "right",
  },
  { ...field("error", "ERROR", "code of the error", ({ facts }) => facts.error?.code ?? null), minWidth: 8 },
  {
    ...field("errorMessage", "MESSAGE", "what went wrong", ({ facts }) => facts.error?.message ?? null),
    minWidth: 12,
  },
  { ...field("messages", "MESSAGES", "WebSocket messages", ({ facts }) => facts.messages), align: "right" },
  field("client", "CLIENT", "address and port of the client", ({ facts }) => facts.client),
  field("server", "SERVER", "address and port that was connected to", ({ facts }) => facts.server),
  field("tags", "TAGS", "tags", ({ facts }) => facts.tags),
  field("rules", "RULES", "rules that acted on it", ({ facts }) => facts.rules),
  field("replays", "REPLAYS", "id of the exchange that it sent again", ({ facts }) => facts.replays),
];

function field(
  name: string,
  title: string,
  description: string,
  value: (row: ExchangeRow) => FieldValue,
): ExchangeField {
  return { name, title, description, value };
}

/** @param names separated by commas, in any case. @throws BAD_OPTION naming near fields. */
export function fieldsOf(names: string): ExchangeField[] {
  return names.split(",").map((each) => {
    const name = each.trim();
    const found = EXCHANGE_FIELDS.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    const all = EXCHANGE_FIELDS.map((one) => one.name);
    const near = nearNames(name, all);
    throw new TrafficError("BAD_OPTION", `--fields: there is no field '${name}'`, {
      hint: near.length > 0 ? `did you mean ${near.join(" or ")}?` : `fields: ${all.join(", ")}`,
    });
  });
}

export function textOf(field: ExchangeField, row: ExchangeRow): string {
  if (field.text !== undefined) return field.text(row);
  const value = field.value(row);
  if (value === null) return "";
  return typeof value === "object" ? value.join(" ") : String(value);
}

export function statusText({ kind, status, error }: ExchangeFacts): string {
  if (status !== null) return String(status);
  if (error !== null) return "ERR";
  return kind === "tunnel" ? "TUN" : "-";
}

function typeText({ kind, messages, responseType }: ExchangeFacts): string {
  if (kind === "tunnel") return "tunnel";
  if (kind === "websocket") return `ws ${messages} msg`;
  return (mediaTypeOf(responseType) ?? "").replace(/^application\/(?:x-)?/, "");
}

function mediaTypeOf(contentType: string): string | null {
  return contentType.split(";", 1)[0]!.trim().toLowerCase() || null;
}
