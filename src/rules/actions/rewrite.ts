// rewrite: the request goes to another place (map remote).
import { z } from "zod";
import { defineAction } from "../acting.js";
import { compileCaptures } from "../replace.js";
import type { Scope } from "../scope.js";
import { joinUrl, splitUrl, type UrlParts } from "../url-parts.js";
import { compileUrlPattern } from "../url-pattern.js";

const schema = z.strictObject({
  from: z
    .string()
    .optional()
    .describe(
      "What gives `$1` and its like: a URL glob or a /regular expression/. By default the match's own `url`.",
    ),
  to: z.string().optional().describe("The whole new URL: `http://localhost:3000/$1`."),
  scheme: z.enum(["http", "https"]).optional(),
  host: z.string().optional(),
  port: z.int().min(1).max(65_535).optional(),
  path: z.string().optional().describe("The new path; with a `?`, the new query as well."),
  "keep-host": z.boolean().optional().describe("The Host field stays what the client sent."),
});

export const rewrite = defineAction({
  name: "rewrite",
  terminal: false,
  bare: undefined,
  help: "Sends the request to another place: scheme, host, port, path, with `$1` for what a `*` of the match took.",
  example: `
name: the API from my own machine
match: {url: "https://api.example.com/v1/*"}
actions:
  rewrite: {to: "http://localhost:3000/$1"}
`,
  schema,
  compile(settings, scope) {
    const pattern =
      settings.from === undefined
        ? undefined
        : scope.at("from").attempt(() => compileUrlPattern(settings.from ?? ""));
    const captures = pattern === undefined ? scope.captures : pattern.captures;
    const count = pattern?.captureCount ?? scope.captureCount;
    const fill = (part: "to" | "host" | "path"): ((taken: readonly string[]) => string) | undefined => {
      const text = settings[part];
      return text === undefined ? undefined : compileCaptures(text, count, scope.at(part));
    };
    const [to, host, path] = [fill("to"), fill("host"), fill("path")];
    checkSettings(settings, scope);
    return {
      does: `goes to ${settings.to ?? partsText(settings)}`,
      request(draft, { url: original }) {
        // What the match saw; a rewrite with a `from` of its own follows on those before it.
        const taken = captures?.(pattern === undefined ? original : draft.url) ?? [];
        if (pattern !== undefined && taken.length === 0) return;
        const url =
          withQueryOf(draft.url, to?.(taken)) ?? changed(draft.url, settings, host?.(taken), path?.(taken));
        if (splitUrl(url) === undefined) draft.notes.push(`it was not sent to ${url}: that is no URL`);
        else draft.setUrl(url, { keepHost: settings["keep-host"] ?? false });
      },
    };
  },
});

type Settings = z.output<typeof schema>;

function checkSettings(settings: Settings, scope: Scope): void {
  const { to, scheme, host, port, path } = settings;
  if (to === undefined && [scheme, host, port, path].every((part) => part === undefined)) {
    scope.report("there is nothing to rewrite", "name to, or any of scheme, host, port, path");
  }
  if (to !== undefined && [scheme, host, port, path].some((part) => part !== undefined)) {
    scope.at("to").report("to is the whole URL: scheme, host, port and path say it a second time");
  }
  if (to !== undefined && !/^https?:\/\/[^/?#\s]+/i.test(to)) {
    scope.at("to").report("this is no URL", "begin it with http:// or https:// and a host");
  }
  if (host !== undefined && /[/?#@\s]/.test(host)) scope.at("host").report("this is no host name");
  if (path !== undefined && !path.startsWith("/")) scope.at("path").report("a path begins with a slash");
}

/** A URL without a query of its own keeps the request's. */
function withQueryOf(before: string, url: string | undefined): string | undefined {
  return url === undefined || url.includes("?") ? url : url + (splitUrl(before)?.query ?? "");
}

function changed(
  url: string,
  settings: Settings,
  host: string | undefined,
  path: string | undefined,
): string {
  const parts: UrlParts | undefined = splitUrl(url);
  if (parts === undefined) return url;
  const scheme = settings.scheme ?? parts.scheme;
  // Another host or scheme means its usual port, unless the rule names one.
  const moved = settings.host !== undefined || settings.scheme !== undefined;
  const port = settings.port ?? (moved ? undefined : parts.port);
  const [newPath, newQuery] = path === undefined ? [parts.path, parts.query] : splitPath(path, parts.query);
  return joinUrl({ scheme, host: host ?? parts.host, port, path: newPath, query: newQuery });
}

/** A path without a query of its own keeps the request's. */
function splitPath(path: string, query: string): [path: string, query: string] {
  const question = path.indexOf("?");
  return question === -1 ? [path, query] : [path.slice(0, question), path.slice(question)];
}

function partsText({ scheme, host, port, path }: Settings): string {
  const parts = Object.entries({ scheme, host, port, path }).filter(([, value]) => value !== undefined);
  return parts.map(([name, value]) => `${name} ${value}`).join(", ");
}
