// Which exchanges a flag means: a filter, a URL, a path, a host.
import { TrafficError } from "../errors.js";
import type { StructuredMatch } from "./match.js";
import { encodeUrlPart } from "./url-parts.js";

/** @param target `~c 500`, `https://host/path*`, `/path`, `host`, `host/path` @throws TrafficError BAD_OPTION */
export function matchOf(flag: string, text: string, target: string): StructuredMatch {
  const wanted = target.trim();
  if (wanted === "") {
    throw new TrafficError("BAD_OPTION", `${flag} ${text}: the URL is missing`, {
      hint: "name a path, a host, a URL or a filter",
    });
  }
  return /^[~!(]/.test(wanted) ? { filter: wanted } : placeOf(encoded(wanted));
}

function placeOf(wanted: string): StructuredMatch {
  // No URL is without a path: a host alone means all of it.
  if (/^[a-z*]+:\/\/[^/?#]*$/i.test(wanted)) return { url: wanted.endsWith("*") ? wanted : `${wanted}/*` };
  if (/^[a-z*]+:\/\//i.test(wanted)) return { url: wanted };
  if (wanted.startsWith("/")) return wanted.includes("?") ? { url: `*://*${wanted}` } : { path: wanted };
  const slash = wanted.indexOf("/");
  const authority = slash === -1 ? wanted : wanted.slice(0, slash);
  if (/:\d+$/.test(authority)) return { url: `*://${wanted}${slash === -1 ? "/*" : ""}` };
  if (slash === -1) return { host: wanted };
  const path = wanted.slice(slash);
  return path.includes("?") ? { url: `*://${wanted}` } : { host: authority, path };
}

/** As clients send it: a blank or a letter beyond ASCII stands in no URL. */
function encoded(target: string): string {
  return target.replace(/[^!-~]+/g, encodeUrlPart);
}
