// --map-remote and --map-local: where a URL's answers come from instead.
import { TrafficError } from "../errors.js";
import type { RuleInput } from "./schema.js";
import { matchOf } from "./shortcut-match.js";
import { splitUrl } from "./url-parts.js";

type Made = Omit<RuleInput, "name">;

/** `FROM=TO`. Without a star, FROM is the beginning of URLs, up to a whole name of the path. */
export function mapRemote(text: string): Made {
  const match = /^(\S+?)=(https?:\/\/\S+)$/i.exec(text.trim());
  if (match === null) {
    throw badMap(
      "--map-remote",
      text,
      "this is no pair of URLs",
      "write 'https://api.example.com=http://localhost:3000'",
    );
  }
  const [, from = "", to = ""] = match;
  if (from.includes("*")) return { match: { url: from }, actions: { rewrite: { to } } };
  if (splitUrl(from) === undefined) {
    throw badMap("--map-remote", text, `${from} is no URL`, "begin it with http:// or https://");
  }
  // Names of hosts are one in any case (RFC 9110 section 4.2.3).
  const { scheme, host, port } = splitUrl(from)!;
  const origin = `${scheme}://${host}${port === undefined ? "" : `:${port}`}`;
  const beginning = `(?i:${escaped(origin)})${escaped(from.slice(origin.length).replace(/\/$/, ""))}`;
  const rest = to.replace(/\/$/, "").replaceAll("$", "$$$$");
  return {
    match: { url: `/^${beginning}(?=[/?#]|$)([^#]*)/` },
    actions: { rewrite: { to: `${rest}$1` } },
  };
}

/** `URL=FOLDER` or `URL=FILE`. Of a folder, what follows the URL's path is the path in it. */
export async function mapLocal(
  text: string,
  kindOf: (name: string) => Promise<"folder" | "file" | undefined>,
): Promise<Made> {
  const equals = text.lastIndexOf("=");
  const [target, local] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
  if (equals <= 0 || local === "") {
    throw badMap(
      "--map-local",
      text,
      "this is no URL with a folder",
      "write 'https://example.com/static=./dist'",
    );
  }
  const kind = await kindOf(local);
  if (kind === undefined)
    throw badMap("--map-local", text, `there is no ${local}`, "name a folder or a file");
  const match = matchOf("--map-local", text, target);
  if (kind === "file") return { match, actions: { respond: { file: local } } };
  const path = pathOf(match).replace(/\*.*$/s, "").replace(/\/$/, "");
  return {
    match: match.filter === undefined && !target.includes("*") ? { ...match, ...below(match, path) } : match,
    actions: { "serve-dir": { dir: local, strip: `${path}/` } },
  };
}

function pathOf({
  url,
  path,
}: {
  url?: string | undefined;
  path?: string | readonly string[] | undefined;
}): string {
  if (typeof path === "string") return path;
  return url === undefined ? "/" : (/^[a-z*]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? "/");
}

/** The folder's URL, with and without a slash at its end, and everything below it. */
function below({ url }: { url?: string | undefined }, path: string): { url?: string; path?: string[] } {
  if (url === undefined) return { path: path === "" ? ["/*"] : [path, `${path}/*`] };
  const base = url.replace(/\/?\*?$/, "");
  if (path === "") return { url: `${base}/*` };
  return { url: `/^${escaped(base).replaceAll("\\*", ".*")}(?=[/?]|$)/` };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function badMap(flag: string, text: string, problem: string, hint: string): TrafficError {
  return new TrafficError("BAD_OPTION", `${flag} ${text}: ${problem}`, { hint });
}
