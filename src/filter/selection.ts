// The everyday flags that select exchanges. Each is one condition; all of them must hold. The filter language will
// stand beside them as one more condition.

import { TrafficError } from "../errors.js";
import type { RawHeaders } from "../exchange/headers.js";
import { isStreaming } from "../exchange/summary.js";

export interface SelectionFlags {
  /** Any of these methods, case-insensitive. */
  readonly methods?: readonly string[];
  /** Any of these: a substring of the URL, or a `/regular expression/`. */
  readonly urls?: readonly string[];
  /** Any of these: a part of the host name, or a glob with `*`. */
  readonly hostnames?: readonly string[];
  /** Only responses that stream. */
  readonly streaming?: boolean;
}

/** What a condition may look at; `response` is absent while only the request is known. */
export interface Selectable {
  readonly method: string;
  readonly url: string;
  readonly response?: { readonly headers: RawHeaders };
}

export type Selected = "record" | "skip" | "later";

/** @throws TrafficError BAD_OPTION for a regular expression that does not parse. */
export function compileSelection(flags: SelectionFlags): (candidate: Selectable) => Selected {
  const conditions: ((candidate: Selectable) => boolean)[] = [];
  if (flags.methods?.length) {
    const methods = new Set(flags.methods.map((method) => method.toUpperCase()));
    conditions.push((candidate) => methods.has(candidate.method.toUpperCase()));
  }
  if (flags.urls?.length) {
    const patterns = flags.urls.map(urlPattern);
    conditions.push((candidate) => patterns.some((matches) => matches(candidate.url)));
  }
  if (flags.hostnames?.length) {
    const patterns = flags.hostnames.map(hostPattern);
    conditions.push((candidate) => {
      const host = hostOf(candidate.url);
      return patterns.some((matches) => matches(host));
    });
  }
  const { streaming } = flags;
  return (candidate) => {
    for (const holds of conditions) if (!holds(candidate)) return "skip";
    if (!streaming) return "record";
    if (candidate.response === undefined) return "later";
    return isStreaming(candidate.response) ? "record" : "skip";
  };
}

/** A host glob: `*` stands for any characters, everything else for itself; the whole name must match. */
export function compileHostGlob(glob: string): (host: string) => boolean {
  const pattern = glob
    .trim()
    .toLowerCase()
    .split("*")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  const expression = new RegExp(`^${pattern}$`);
  return (host) => expression.test(host.toLowerCase());
}

function urlPattern(text: string): (url: string) => boolean {
  const match = /^\/(.+)\/([a-z]*)$/s.exec(text);
  if (match === null) {
    const lower = text.toLowerCase();
    return (url) => url.toLowerCase().includes(lower);
  }
  try {
    const expression = new RegExp(match[1]!, match[2]!.replace("g", ""));
    return (url) => expression.test(url);
  } catch (error) {
    throw new TrafficError("BAD_OPTION", `--url ${text} is no regular expression: ${messageOf(error)}`, {
      hint: "leave the slashes away to look for the text itself",
      cause: error,
    });
  }
}

function hostPattern(text: string): (host: string) => boolean {
  if (text.includes("*")) return compileHostGlob(text);
  const lower = text.toLowerCase();
  return (host) => host.includes(lower);
}

function hostOf(url: string): string {
  const match = /^[a-z+.-]+:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(url);
  return (match?.[1] ?? "").toLowerCase();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
