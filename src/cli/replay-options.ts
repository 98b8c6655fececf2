// The flags of `replay` as commander reads them, and the operation's input that they stand for.
import { TrafficError } from "../errors.js";
import type { ReplayInput } from "../operations/replay.js";
import { choiceOf, parseCount, type QueryFlags } from "./query-options.js";
import { type UpstreamFlags, upstreamInput } from "./replay-upstream.js";
import {
  authorizationFrom,
  parseCookies,
  parseHeader,
  parseJsonSet,
  parseRate,
  parseSpeed,
  readBody,
} from "./replay-values.js";

/** What commander hands over; every text is still as it was typed. */
export interface ReplayFlags extends QueryFlags, UpstreamFlags {
  readonly execute?: boolean;
  readonly output?: string;
  readonly unsafe?: boolean;
  readonly id?: string;
  readonly target?: string;
  readonly setHeader?: readonly string[];
  readonly removeHeader?: readonly string[];
  readonly authFromEnv?: string;
  readonly body?: string;
  readonly jsonSet?: readonly string[];
  readonly limit?: string;
  readonly repeat?: string;
  readonly concurrency?: string;
  readonly rate?: string;
  readonly pace?: string;
  readonly cookies?: string;
  readonly compare?: boolean;
  readonly ignore?: readonly string[];
  readonly ignoreHeader?: readonly string[];
  readonly unordered?: boolean;
  readonly failOnDiff?: boolean;
}

type Input = Omit<ReplayInput, "onResult" | "onIndexing" | "signal">;

const MOST_CONCURRENT = 1000;

/** @throws BAD_OPTION, FILE_NOT_FOUND */
export async function replayInput(
  home: string,
  words: readonly string[],
  flags: ReplayFlags,
  env: NodeJS.ProcessEnv,
): Promise<Input> {
  const { id } = flags;
  // With --id one exchange is meant already: --method and --url say what becomes of it.
  const { method: _method, url: _url, ...others } = flags;
  const count = (text: string | undefined, flag: string, least: number, most?: number) =>
    text === undefined ? undefined : parseCount(text, flag, least, most);
  return {
    ...choiceOf(home, words, id === undefined ? flags : others),
    ...upstreamInput(flags),
    id,
    execute: flags.execute === true,
    into: flags.output,
    target: flags.target,
    edits: await editsOf(flags, env),
    limit: count(flags.limit, "--limit", 1),
    repeat: count(flags.repeat, "--repeat", 1),
    concurrency: count(flags.concurrency, "--concurrency", 1, MOST_CONCURRENT),
    rate: flags.rate === undefined ? undefined : parseRate(flags.rate),
    speed: flags.pace === undefined ? undefined : parseSpeed(flags.pace),
    cookies: flags.cookies === undefined ? "recorded" : parseCookies(flags.cookies),
    unsafe: flags.unsafe,
    compare: comparisonOf(flags),
  };
}

async function editsOf(flags: ReplayFlags, env: NodeJS.ProcessEnv): Promise<NonNullable<Input["edits"]>> {
  const { id, body, jsonSet, authFromEnv } = flags;
  if (id === undefined && (body !== undefined || jsonSet !== undefined)) {
    throw new TrafficError("BAD_OPTION", "--body and --json-set change one request: --id says which", {
      hint: "`trafficctl query --fields id,seq,method,url` shows the ids",
    });
  }
  if (body !== undefined && jsonSet !== undefined) {
    throw new TrafficError("BAD_OPTION", "--body and --json-set exclude each other");
  }
  return {
    ...(id === undefined ? {} : { method: one(flags.method, "--method"), url: one(flags.url, "--url") }),
    setHeaders: [
      ...(authFromEnv === undefined ? [] : [authorizationFrom(authFromEnv, env)]),
      ...(flags.setHeader ?? []).map((text) => parseHeader(text, "--set-header")),
    ],
    removeHeaders: flags.removeHeader,
    body: body === undefined ? undefined : await readBody(body),
    jsonSet: jsonSet?.map(parseJsonSet),
  };
}

function one(values: readonly string[] | undefined, flag: string): string | undefined {
  if (values === undefined || values.length <= 1) return values?.[0];
  throw new TrafficError("BAD_OPTION", `with --id, ${flag} is what the request is changed to: one of them`);
}

function comparisonOf(flags: ReplayFlags): Input["compare"] {
  const { compare, failOnDiff, ignore, ignoreHeader, unordered } = flags;
  const wanted = [compare, failOnDiff, ignore, ignoreHeader, unordered].some((each) => each !== undefined);
  if (!wanted) return undefined;
  return { ignore, ignoreHeaders: ignoreHeader?.flatMap((names) => names.split(",")), unordered };
}
