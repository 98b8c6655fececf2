// The everyday flags: the same conditions in long form. All flags must hold, and any one value of each.
import { TrafficError } from "../errors.js";
import { compileTree, type Filter, type FilterOptions } from "./filter.js";
import { Mistake } from "./mistake.js";
import type { FilterNode } from "./syntax.js";

export interface SelectionFlags {
  /** `--method`: any of these, in any case. */
  readonly methods?: readonly string[];
  /** `--hostname`: a part of the host name, or a glob with `*`. */
  readonly hostnames?: readonly string[];
  /** `--url`: a part of the URL, or a `/regular expression/`. */
  readonly urls?: readonly string[];
  /** `--status`: as `~c` takes them: 404, 5xx, 400..499. */
  readonly statuses?: readonly string[];
  /** `--type`: a part of the response's Content-Type, or a glob of its media type. */
  readonly types?: readonly string[];
  /** `--text`: a text in the URL, the header fields or the bodies. */
  readonly texts?: readonly string[];
  /** `--from` and `--to`: times as `~time` takes them. */
  readonly from?: string;
  readonly to?: string;
  /** `--min-duration`: 500ms, 2s. */
  readonly minDuration?: string;
  /** `--streaming`: only responses that stream. */
  readonly streaming?: boolean;
}

/** @returns a filter; without flags it selects everything. @throws TrafficError BAD_OPTION, naming the flag */
export function compileFlags(flags: SelectionFlags, options: FilterOptions = {}): Filter {
  const parts = [
    anyOf("--method", flags.methods, (text) => condition("m", `^(?:${quoted(text)})$`)),
    anyOf("--hostname", flags.hostnames, (text) =>
      condition("d", partOrGlob(text.replace(/^\[(.*)\]$/, "$1"))),
    ),
    anyOf("--url", flags.urls, urlCondition),
    anyOf("--status", flags.statuses, (text) => condition("c", text)),
    anyOf("--type", flags.types, (text) => condition("ts", typePattern(text))),
    anyOf("--text", flags.texts, textCondition),
    anyOf("--from", listOf(flags.from), (text) => condition("time", `>=${text}`)),
    anyOf("--to", listOf(flags.to), (text) => condition("time", `..${text}`)),
    anyOf("--min-duration", listOf(flags.minDuration), (text) => condition("dur", `>=${text}`)),
    ...(flags.streaming === true ? [condition("stream")] : []),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return compileTree(condition("all"), options);
  return compileTree(parts.length === 1 ? parts[0]! : { type: "and", parts }, options);
}

/** A host glob: `*` stands for any characters, everything else for itself; the whole name must match. */
export function compileHostGlob(glob: string): (host: string) => boolean {
  const expression = new RegExp(globPattern(glob.trim().toLowerCase()));
  return (host) => expression.test(host.toLowerCase());
}

function anyOf(
  flag: string,
  texts: readonly string[] | undefined,
  make: (text: string) => FilterNode,
): FilterNode | undefined {
  if (texts === undefined || texts.length === 0) return undefined;
  const parts = texts.map((text) => {
    const node = make(text);
    try {
      compileTree(node);
      return node;
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      throw badFlag(flag, text, error);
    }
  });
  return parts.length === 1 ? parts[0] : { type: "or", parts };
}

function badFlag(flag: string, text: string, mistake: Mistake): TrafficError {
  const isPattern = flag === "--url";
  return new TrafficError(
    "BAD_OPTION",
    isPattern
      ? `--url ${text} is no regular expression: ${mistake.message}`
      : `${flag} ${text}: ${mistake.message}`,
    { hint: mistake.hint ?? "leave the slashes away to look for the text itself", cause: mistake },
  );
}

function condition(operator: string, argument?: string): FilterNode {
  return argument === undefined ? { type: "condition", operator } : { type: "condition", operator, argument };
}

function urlCondition(text: string): FilterNode {
  const match = /^\/(.+)\/([ims]*)$/s.exec(text);
  if (match === null) return condition("u", quoted(text));
  const flags = match[2]!.replaceAll("i", "");
  return condition("u", flags === "" ? match[1]! : `(?${flags})${match[1]}`);
}

function textCondition(text: string): FilterNode {
  const pattern = quoted(text);
  return { type: "or", parts: ["u", "h", "b"].map((operator) => condition(operator, pattern)) };
}

function typePattern(text: string): string {
  return text.includes("*") ? globPattern(text).replace(/\$$/, "\\s*(?:;|$)") : quoted(text);
}

function partOrGlob(text: string): string {
  return text.includes("*") ? globPattern(text) : quoted(text);
}

function globPattern(glob: string): string {
  return `^${glob.split("*").map(quoted).join(".*")}$`;
}

/** The text itself, as a pattern. */
function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text === undefined ? undefined : [text];
}
