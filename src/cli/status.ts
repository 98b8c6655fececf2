// `trafficctl status`: the proxies that run.
import type { Command } from "commander";
import type { RunningProxyStatus } from "../operations/status.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { renderTable } from "./table.js";
import type { TextOptions } from "./text-options.js";
import { formatDuration } from "./units.js";

const EXAMPLES = `
Examples:
  $ trafficctl status
  $ trafficctl status --json | jq -r '.proxies[].url'
`;

export function statusCommand(): Command {
  return commonCommand("status", "the proxies that run")
    .addHelpText("after", EXAMPLES)
    .action(async (options: CommonOptions) => {
      const { proxyStatus } = await import("../operations/status.js");
      const proxies = await proxyStatus({ home: await homeOf(options) });
      await printResult(options, { proxies }, (text) => describe(proxies, text));
    });
}

function describe(proxies: readonly RunningProxyStatus[], { colours, width }: TextOptions): string {
  if (proxies.length === 0) return "no proxy is running: `trafficctl record` starts one\n";
  const number = (read: (proxy: Answering) => number) => (proxy: RunningProxyStatus) =>
    proxy.state === "running" ? String(read(proxy)) : "";
  return renderTable(
    proxies,
    [
      { title: "SESSION", value: (proxy) => proxy.session, minWidth: 12 },
      { title: "URL", value: (proxy) => proxy.url, paint: (text) => colours.cyan(text) },
      { title: "PID", value: (proxy) => String(proxy.pid), align: "right" },
      { title: "UP", value: uptime, align: "right" },
      { title: "EXCHANGES", value: number((proxy) => proxy.counts.exchanges), align: "right" },
      {
        title: "ERRORS",
        value: number((proxy) => proxy.counts.errors),
        align: "right",
        paint: (text) => (/[1-9]/.test(text) ? colours.red(text) : text),
      },
      { title: "RULES", value: number((proxy) => proxy.rules), align: "right" },
      {
        title: "PAUSED",
        value: number((proxy) => proxy.paused),
        align: "right",
        paint: (text) => (/[1-9]/.test(text) ? colours.yellow(text) : text),
      },
      ...(proxies.some((proxy) => note(proxy) !== "")
        ? [{ title: "NOTE", value: note, minWidth: 4, paint: (text: string) => colours.yellow(text) }]
        : []),
    ],
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

type Answering = Extract<RunningProxyStatus, { state: "running" }>;

function uptime(proxy: RunningProxyStatus): string {
  return proxy.state === "running" ? formatDuration(Math.max(1, Math.ceil(proxy.uptime / 1000)) * 1000) : "";
}

function note(proxy: RunningProxyStatus): string {
  if (proxy.state === "silent") return "does not answer";
  if (proxy.recordingStopped !== undefined) return `records no more: ${proxy.recordingStopped}`;
  const { filter } = proxy.options;
  return typeof filter === "string" ? `only ${filter}` : "";
}
