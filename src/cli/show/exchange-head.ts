// The facts of one exchange at the top of `show`: what was asked and answered, when, between whom, and how long.
import type { Exchange, ServerEndpoint } from "../../exchange/exchange.js";
import type { Timings } from "../../exchange/timings.js";
import { dayAndTime, timeOfDay } from "../local-time.js";
import { printable } from "../printable.js";
import type { TextOptions } from "../text-options.js";
import { formatDuration, formatSize } from "../units.js";

/** Phases in their order; `ssl` is part of `connect` (HAR 1.2), so the bar shows what of it is TCP. */
const PHASES = ["blocked", "dns", "connect", "ssl", "send", "wait", "receive"] as const;
const BAR = 40;

export function describeHead(exchange: Exchange, open: boolean, options: TextOptions): string {
  const { colours } = options;
  const lines = [title(exchange, options)];
  const facts: [string, string][] = [["exchange", `${exchange.seq}  ${colours.dim(exchange.id)}`]];
  const started = new Date(exchange.startedAt);
  facts.push(["started", `${dayAndTime(exchange.startedAt).slice(0, 10)} ${timeOfDay(started)}`]);
  facts.push(["lasted", open ? "not ended when it was last written" : formatDuration(exchange.duration)]);
  if (exchange.kind !== "http") facts.push(["kind", kindText(exchange)]);
  facts.push(["client", endpointText(exchange.client)]);
  if (exchange.server !== undefined) facts.push(["server", serverText(exchange.server)]);
  if (exchange.client?.tls) facts.push(["client TLS", tlsText(exchange.client.tls)]);
  if (exchange.server?.tls) {
    facts.push(["server TLS", tlsText(exchange.server.tls)]);
    const { certificate } = exchange.server.tls;
    if (certificate !== null) {
      const text = `${certificate.subject}, issued by ${certificate.issuer}, until ${certificate.validTo}`;
      facts.push(["certificate", printable(text.replaceAll("\n", ", "))]);
    }
  }
  if (exchange.tags?.length) facts.push(["tags", printable(exchange.tags.join(", "))]);
  if (exchange.rules?.length) facts.push(["rules", printable(exchange.rules.join(", "))]);
  if (exchange.replays !== undefined) facts.push(["replays", exchange.replays]);
  if (exchange.error !== undefined) {
    facts.push(["error", colours.red(`${printable(exchange.error.message)} (${exchange.error.code})`)]);
  }
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) lines.push(`${colours.dim(name.padEnd(width))}  ${value}`);
  return `${lines.join("\n")}\n`;
}

/** Bars one below the other, each beginning where it began. */
export function describeTimings(timings: Timings, { colours }: TextOptions): string {
  const happened = PHASES.filter((phase) => timings[phase] >= 0);
  const total = happened.reduce((sum, phase) => (phase === "ssl" ? sum : sum + timings[phase]), 0);
  if (total <= 0) return "";
  let at = 0;
  let connectStart = 0;
  const lines: string[] = [];
  for (const phase of happened) {
    const length = timings[phase];
    // TLS is the last part of connecting.
    const start = phase === "ssl" ? connectStart + Math.max(0, timings.connect - length) : at;
    if (phase === "connect") connectStart = at;
    if (phase !== "ssl") at += length;
    const from = Math.min(BAR - 1, Math.floor((start / total) * BAR));
    const cells = Math.max(1, Math.min(BAR - from, Math.round((length / total) * BAR)));
    const bar = length === 0 ? "▏" : "█".repeat(cells);
    const row = `${" ".repeat(from)}${bar}`.padEnd(BAR);
    lines.push(`${colours.dim(phase.padEnd(8))} ${colours.cyan(row)} ${formatDuration(length).padStart(8)}`);
  }
  return `${lines.join("\n")}\n`;
}

function title(exchange: Exchange, { colours }: TextOptions): string {
  const { request } = exchange;
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  const asked = `${colours.bold(printable(request.method))} ${printable(request.url)}`;
  if (response === undefined) {
    return exchange.error === undefined ? asked : `${asked}  ${colours.red("no response")}`;
  }
  const { status } = response;
  const paint = status >= 500 ? colours.red : status >= 400 ? colours.yellow : colours.green;
  return `${asked}  ${paint.bold(`${status} ${printable(response.reason)}`.trim())}`;
}

function kindText(exchange: Exchange): string {
  switch (exchange.kind) {
    case "websocket": {
      const { close, messageCount } = exchange;
      if (close === undefined) return `WebSocket, ${messageCount} messages`;
      const code = close.code === null ? "" : ` with ${close.code} ${printable(close.reason)}`.trimEnd();
      return `WebSocket, ${messageCount} messages, closed by the ${close.by}${code}`;
    }
    case "tunnel":
      return `tunnel (${exchange.reason}), ${formatSize(exchange.bytesSent)} sent, ${formatSize(exchange.bytesReceived)} received`;
    case "http":
      return "HTTP";
  }
}

function endpointText(end: { readonly address: string; readonly port: number } | undefined): string {
  if (end === undefined) return "-";
  const address = printable(end.address);
  return address.includes(":") ? `[${address}]:${end.port}` : `${address}:${end.port}`;
}

function serverText(server: ServerEndpoint): string {
  return `${endpointText(server)}, connection ${server.connectionId}${server.reused ? ", reused" : ""}`;
}

function tlsText(tls: { version: string; cipher: string; alpn: string | null; sni: string | null }): string {
  const parts = [tls.version, tls.cipher];
  if (tls.alpn !== null) parts.push(`ALPN ${tls.alpn}`);
  if (tls.sni !== null) parts.push(`SNI ${tls.sni}`);
  return printable(parts.join(", "));
}
