// The options by which every command that works on exchanges chooses them.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { Choice, SelectionFlags } from "../operations/query.js";

/** What commander hands over. */
export interface QueryFlags {
  readonly filter?: string;
  readonly method?: readonly string[];
  readonly hostname?: readonly string[];
  readonly url?: readonly string[];
  readonly status?: readonly string[];
  readonly type?: readonly string[];
  readonly text?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly minDuration?: string;
  readonly streaming?: boolean;
}

export const SESSION_HELP = `
SESSION is a session's name, a beginning of it that no other has, 'last', 'all', or the path of a session's folder, of a
.jsonl or of a .har file; several may be named, and without any it is 'last'. What follows is a filter ('trafficctl
filters' has the language); the flags above must hold as well.
`;

/** Adds `[session...] [filter]` and the everyday flags. */
export function addQueryOptions(command: Command): Command {
  return command
    .argument("[words...]", "sessions or files, then a filter")
    .usage("[options] [SESSION...] [FILTER]")
    .optionsGroup("Which exchanges:")
    .option("--filter <filter>", "only exchanges that this filter holds for")
    .option("--method <methods>", "only these methods: GET,POST (flags of this group may be repeated)", list)
    .option("--hostname <text>", "only hosts with this text, or that match a glob: *.example.com", collect)
    .option("--url <text>", "only URLs with this text, or that match /a regular expression/", collect)
    .option("--status <status>", "only these statuses: 404, 5xx, 400..499, 404,5xx", collect)
    .option("--type <type>", "only responses of this type: json, image/*", collect)
    .option("--text <text>", "only exchanges with this text in URL, headers or bodies", collect)
    .option("--from <time>", "only those that started then or later: 10:00, 2026-11-20T10:00")
    .option("--to <time>", "only those that started before then")
    .option("--min-duration <time>", "only those that took so long: 500ms, 2s")
    .option("--streaming", "only streaming responses");
}

export function choiceOf(home: string, words: readonly string[], flags: QueryFlags): Choice {
  const selection: SelectionFlags = {
    ...(flags.method === undefined ? {} : { methods: flags.method }),
    ...(flags.hostname === undefined ? {} : { hostnames: flags.hostname }),
    ...(flags.url === undefined ? {} : { urls: flags.url }),
    ...(flags.status === undefined ? {} : { statuses: flags.status }),
    ...(flags.type === undefined ? {} : { types: flags.type }),
    ...(flags.text === undefined ? {} : { texts: flags.text }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.to === undefined ? {} : { to: flags.to }),
    ...(flags.minDuration === undefined ? {} : { minDuration: flags.minDuration }),
    ...(flags.streaming === undefined ? {} : { streaming: flags.streaming }),
  };
  return { home, words, filter: flags.filter, flags: selection };
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** The same, and several in one. */
function list(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(",").map((each) => each.trim())];
}

/** @throws TrafficError BAD_OPTION */
export function parseCount(
  text: string,
  flag: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new TrafficError("BAD_OPTION", `${flag} ${text} is not a whole number ${range}`);
}
