// The flags of `record` that say which way requests go to the origins, and who may send them.
import type { Command } from "commander";
import type { UpstreamProxyFlags } from "./record-options.js";

export function addRouteOptions(command: Command): void {
  command
    .optionsGroup("The way to the origins, and who may take it:")
    .option(
      "--mode <mode>",
      "proxy; or reverse:https://host[:port], to be that server for clients that can't use a proxy",
      "proxy",
    )
    .option("--proxy-auth <user:password>", "what clients of the proxy have to give (HTTP Basic, SOCKS5)")
    .option(
      "--upstream-proxy <url>",
      "connect by way of this proxy: http, https, socks5 or socks4a://[user:password@]host:port; for some hosts only: " +
        "'*.example.com=URL' (may be repeated)",
      collectProxy,
    )
    .option(
      "--no-upstream-proxy <hosts>",
      "connect to these hosts directly: localhost,*.internal (may be repeated)",
      collectBypass,
    );
}

/** One more `--upstream-proxy`. */
export function collectProxy(value: string, before: UpstreamProxyFlags | undefined): UpstreamProxyFlags {
  return { ...before, proxies: [...(before?.proxies ?? []), value] };
}

/** One more `--no-upstream-proxy`. */
export function collectBypass(value: string, before: UpstreamProxyFlags | undefined): UpstreamProxyFlags {
  return { ...before, bypass: [...(before?.bypass ?? []), ...hostList(value)] };
}

function hostList(text: string): readonly string[] {
  return text
    .split(",")
    .map((host) => host.trim())
    .filter((host) => host !== "");
}
