// The flags of `serve` as commander reads them, and the operation's input that they stand for.
import { TrafficError } from "../errors.js";
import { isSessionId } from "../exchange/id.js";
import { resolveHome } from "../operations/home.js";
import type { MissMode, Pace } from "../operations/serve.js";
import type { ServeUntilOptions } from "../operations/serve-until.js";
import { parseCount } from "./query-options.js";
import { parseDuration } from "./units.js";

/** What commander hands over; every text is still as it was typed. */
export interface ServeFlags {
  readonly port: string;
  readonly host: string;
  readonly home?: string;
  readonly ignoreQuery?: readonly string[];
  readonly ignoreBody?: readonly string[];
  readonly matchBody?: boolean;
  readonly ignoreHost?: boolean;
  readonly once?: boolean;
  readonly miss: MissMode;
  readonly session?: string;
  readonly upstreamCa?: string;
  readonly insecure?: boolean;
  readonly pace: string;
  readonly delay: string;
  /** The list of `--no-proxy LIST`; commander has true where it was not given. */
  readonly proxy: string | boolean;
  readonly failOnMiss?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly logLevel: string;
}

type Input = Omit<ServeUntilOptions, "signal" | "command" | "onReady" | "onHit" | "onMiss">;

/** @throws TrafficError BAD_OPTION, naming the flag and what it takes. */
export function serveInput(from: readonly string[], flags: ServeFlags): Input {
  const { session, upstreamCa, insecure } = flags;
  if (session !== undefined && !isSessionId(session))
    throw new TrafficError("BAD_OPTION", `--session ${session} is no session name`);
  if (session !== undefined && flags.miss !== "record")
    throw new TrafficError("BAD_OPTION", "--session has a meaning with --miss record only");
  return {
    from,
    home: resolveHome({ flag: flags.home, env: process.env }),
    host: flags.host,
    port: parseCount(flags.port, "--port", 0, 65_535),
    ignoreQuery: (flags.ignoreQuery ?? []).flatMap((value) => value.split(",")).map((name) => name.trim()),
    ignoreBody: flags.ignoreBody ?? [],
    matchBody: flags.matchBody === true,
    ignoreHost: flags.ignoreHost === true,
    once: flags.once === true,
    miss: flags.miss,
    pace: parsePace(flags.pace, "--pace"),
    delay: parsePace(flags.delay, "--delay"),
    tls: {
      ...(upstreamCa === undefined ? {} : { upstreamCa }),
      ...(insecure === undefined ? {} : { insecure }),
    },
    ...(session === undefined ? {} : { session }),
    ...(typeof flags.proxy === "string" ? { noProxy: flags.proxy } : {}),
  };
}

/** What follows `--` is a command; commander puts it behind the other words. */
export function commandOf(
  words: readonly string[],
  argv: readonly string[],
): {
  readonly from: readonly string[];
  readonly command?: { readonly file: string; readonly args: readonly string[] };
} {
  const dashes = argv.indexOf("--");
  const [file, ...args] = dashes === -1 ? [] : argv.slice(dashes + 1);
  if (file === undefined) return { from: words };
  const from = words.slice(0, words.length - args.length - 1);
  if (from.length === 0)
    throw new TrafficError("USAGE", "serve needs a session, a HAR file or fixtures before the command");
  return { from, command: { file, args } };
}

function parsePace(text: string, flag: string): Pace {
  return text === "none" || text === "recorded" ? text : parseDuration(text, flag);
}
