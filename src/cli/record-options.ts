// The flags of `record` as commander reads them, and the operation's input that they stand for.

import { TrafficError } from "../errors.js";
import { isSessionId } from "../exchange/id.js";
import { resolveHome } from "../operations/home.js";
import type { RecordTlsOptions } from "../operations/record.js";
import type { RecordUntilOptions } from "../operations/record-until.js";
import type { RecordRulesOptions } from "../operations/rules/recording-rules.js";
import { parseCount } from "./query-options.js";
import { parseDuration, parseSize } from "./units.js";

/** `--upstream-proxy` and `--no-upstream-proxy`, which commander keeps under one name. */
export interface UpstreamProxyFlags {
  readonly proxies?: readonly string[];
  readonly bypass?: readonly string[];
}

/** What commander hands over; every text is still as it was typed. */
export interface RecordFlags {
  readonly port: string;
  readonly host: string;
  readonly session?: string;
  readonly home?: string;
  readonly method?: readonly string[];
  readonly url?: readonly string[];
  readonly hostname?: readonly string[];
  readonly streaming?: boolean;
  readonly filter?: string;
  readonly maxExchanges?: string;
  readonly duration?: string;
  readonly maxBody?: string;
  readonly bodies: boolean;
  readonly maxDisk?: string;
  readonly timeout?: string;
  readonly upstreamCa?: string;
  readonly insecure?: boolean;
  readonly clientCert?: string;
  readonly passthrough?: readonly string[];
  readonly interceptOnly?: readonly string[];
  readonly failOpen?: boolean;
  readonly mode?: string;
  readonly proxyAuth?: string;
  readonly upstreamProxy?: UpstreamProxyFlags;
  /** The list of `--no-proxy LIST`; commander takes the `no-` off, and has true where it was not given. */
  readonly proxy: string | boolean;
  readonly failOn?: string;
  readonly rules?: readonly string[];
  readonly mock?: readonly string[];
  readonly setHeader?: readonly string[];
  readonly removeHeader?: readonly string[];
  readonly mapRemote?: readonly string[];
  readonly mapLocal?: readonly string[];
  readonly delay?: readonly string[];
  readonly block?: readonly string[];
  readonly intercept?: string;
  readonly interceptTimeout?: string;
  readonly har?: string;
  readonly policy?: string;
  /** False with --no-redact. */
  readonly redact: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly logLevel: string;
}

type Input = Omit<RecordUntilOptions, "signal" | "command" | "har" | "onReady" | "onExchange">;

/** @throws TrafficError BAD_OPTION, naming the flag and what it takes. */
export function recordInput(flags: RecordFlags): Input {
  const { session } = flags;
  if (session !== undefined && !isSessionId(session)) {
    throw new TrafficError("BAD_OPTION", `--session ${session} is no session name`, {
      hint: "use letters, digits, '.', '_' and '-', starting with none of the dots; a session is never a path",
    });
  }
  return {
    home: resolveHome({ flag: flags.home, env: process.env }),
    host: flags.host,
    port: parseCount(flags.port, "--port", 0, 65_535),
    ...present("session", session),
    select: {
      ...present(
        "methods",
        flags.method?.flatMap((value) => value.split(",")),
      ),
      ...present("urls", flags.url),
      ...present("hostnames", flags.hostname),
      ...present("streaming", flags.streaming),
    },
    ...present("filter", flags.filter),
    ...present(
      "maxExchanges",
      parsed(flags.maxExchanges, (text) => parseCount(text, "--max-exchanges", 1)),
    ),
    ...present(
      "durationMs",
      parsed(flags.duration, (text) => parseDuration(text, "--duration")),
    ),
    ...present(
      "maxBody",
      parsed(flags.maxBody, (text) => parseSize(text, "--max-body")),
    ),
    ...present(
      "maxDisk",
      parsed(flags.maxDisk, (text) => parseSize(text, "--max-disk")),
    ),
    ...present(
      "timeoutMs",
      parsed(flags.timeout, (text) => parseDuration(text, "--timeout")),
    ),
    ...(typeof flags.proxy === "string" ? { noProxy: flags.proxy } : {}),
    ...present("failOn", flags.failOn),
    bodies: flags.bodies,
    tls: tlsInput(flags),
    rules: rulesInput(flags),
    ...present("upstream", flags.upstreamProxy),
    ...present("proxyAuth", flags.proxyAuth),
    ...present("reverse", parsed(flags.mode, parseMode)),
  };
}

function tlsInput(flags: RecordFlags): RecordTlsOptions {
  return {
    ...present("upstreamCa", flags.upstreamCa),
    ...present("insecure", flags.insecure),
    ...present("clientCert", flags.clientCert),
    ...present("passthrough", flags.passthrough),
    ...present("interceptOnly", flags.interceptOnly),
    ...present("failOpen", flags.failOpen),
  };
}

function rulesInput(flags: RecordFlags): RecordRulesOptions {
  return {
    ...present("files", flags.rules),
    shortcuts: {
      ...present("mock", flags.mock),
      ...present("setHeader", flags.setHeader),
      ...present("removeHeader", flags.removeHeader),
      ...present("mapRemote", flags.mapRemote),
      ...present("mapLocal", flags.mapLocal),
      ...present("delay", flags.delay),
      ...present("block", flags.block),
    },
    ...present("intercept", flags.intercept),
    ...present(
      "interceptTimeoutMs",
      parsed(flags.interceptTimeout, (text) => parseDuration(text, "--intercept-timeout")),
    ),
  };
}

/** @returns the origin's URL for `reverse:URL`, nothing for `proxy`. */
function parseMode(text: string): string | undefined {
  if (text === "proxy") return undefined;
  const match = /^reverse:(.+)$/.exec(text);
  if (match !== null) return match[1]!;
  throw new TrafficError("BAD_OPTION", `--mode ${text} is none of proxy, reverse:URL`, {
    hint: "as in --mode reverse:https://api.example.com",
  });
}

function parsed<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

/** An optional property is left out rather than set to undefined (exactOptionalPropertyTypes). */
function present<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  if (value === undefined) return {};
  const object: { [K in Name]?: T } = {};
  object[name] = value;
  return object;
}
