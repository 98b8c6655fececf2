// The proxies that connections to origins go through: which one for which host.
import { TrafficError } from "../errors.js";
import { compileHostGlob } from "../filter/selection.js";
import { parseUpstreamProxy, type UpstreamProxy } from "../proxy/upstream-proxy/parse.js";
import type { UpstreamProxies } from "../proxy/upstream-proxy/pass.js";

export interface UpstreamProxyOptions {
  /** `URL` for every host, `GLOB=URL` for the hosts of a glob; the first glob that matches counts. */
  readonly proxies?: readonly string[];
  /** Host globs that are connected to directly, whatever `proxies` says. */
  readonly bypass?: readonly string[];
}

interface Entry {
  /** Absent: every host. */
  readonly glob: string | undefined;
  readonly proxy: UpstreamProxy;
}

/** @returns undefined where no proxy is named. @throws TrafficError BAD_OPTION */
export function compileUpstreamProxies(options: UpstreamProxyOptions): UpstreamProxies | undefined {
  const entries = (options.proxies ?? []).map(parseEntry);
  if (entries.length === 0) {
    if (!options.bypass?.length) return undefined;
    throw new TrafficError("BAD_OPTION", "--no-upstream-proxy has no meaning without --upstream-proxy");
  }
  const everywhere = entries.filter(({ glob }) => glob === undefined);
  if (everywhere.length > 1) {
    throw new TrafficError("BAD_OPTION", "--upstream-proxy names two proxies for every host", {
      hint: "name the hosts of one of them: --upstream-proxy '*.example.com=http://proxy.example:3128'",
    });
  }
  const bypassed = (options.bypass ?? []).map(compileHostGlob);
  const overrides = entries.flatMap(({ glob, proxy }) =>
    glob === undefined ? [] : [{ matches: compileHostGlob(glob), proxy }],
  );
  return (host) => {
    if (bypassed.some((matches) => matches(host))) return undefined;
    return (overrides.find(({ matches }) => matches(host)) ?? everywhere[0])?.proxy;
  };
}

/** What may be shown and kept of the proxies: no user, no password. */
export function upstreamProxyNames(options: UpstreamProxyOptions): string[] | undefined {
  return options.proxies?.map((text) => {
    const { glob, proxy } = parseEntry(text);
    return glob === undefined ? proxy.name : `${glob}=${proxy.name}`;
  });
}

function parseEntry(text: string): Entry {
  const match = /^([^=/]+)=(.*)$/s.exec(text);
  if (match === null) return { glob: undefined, proxy: parseUpstreamProxy(text) };
  return { glob: match[1]!, proxy: parseUpstreamProxy(match[2]!) };
}
