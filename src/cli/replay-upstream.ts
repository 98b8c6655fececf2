// The options that say how origins are reached, of commands that send requests themselves.
import type { Command } from "commander";
import type { ReplayInput } from "../operations/replay.js";
import type { UpstreamProxyFlags } from "./record-options.js";
import { collectBypass, collectProxy } from "./route-options.js";
import { parseDuration } from "./units.js";

export interface UpstreamFlags {
  readonly timeout?: string;
  readonly upstreamCa?: string;
  readonly insecure?: boolean;
  readonly clientCert?: string;
  readonly upstreamProxy?: UpstreamProxyFlags;
}

export function addUpstreamOptions(command: Command): Command {
  return command
    .optionsGroup("The way to the origins:")
    .option(
      "--timeout <time>",
      "how long an origin may take to connect, and be silent: before its response and within it (default: 15s)",
    )
    .option("--upstream-ca <pem>", "trust these authorities besides the system's")
    .option("--insecure", "accept any certificate of an origin")
    .option("--client-cert <pem>", "certificate and key to show to origins that ask for one")
    .option(
      "--upstream-proxy <url>",
      "connect by way of this proxy; for some hosts only: '*.example.com=URL' (may be repeated)",
      collectProxy,
    )
    .option(
      "--no-upstream-proxy <hosts>",
      "connect to these hosts directly: localhost,*.internal (may be repeated)",
      collectBypass,
    );
}

/** @throws BAD_OPTION */
export function upstreamInput(flags: UpstreamFlags): Pick<ReplayInput, "tls" | "upstream" | "timeoutMs"> {
  const { timeout, upstreamCa, insecure, clientCert, upstreamProxy } = flags;
  return {
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout, "--timeout"),
    tls: {
      ...(upstreamCa === undefined ? {} : { upstreamCa }),
      ...(insecure === undefined ? {} : { insecure }),
      ...(clientCert === undefined ? {} : { clientCert }),
    },
    ...(upstreamProxy === undefined ? {} : { upstream: upstreamProxy }),
  };
}
