// A URL as it is matched: its parts in one notation, so that what means the same is the same text.

export interface UrlParts {
  /** `https://api.test`, the port left out where the scheme implies it; of a WebSocket http or https. */
  readonly origin: string;
  /** Lower case, without port. */
  readonly host: string;
  readonly path: string;
  /** `name=value`, re-encoded, sorted by name, without those that are ignored. */
  readonly query: readonly string[];
}

const URL_PARTS =
  /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/:?#]*)(?::(\d*))?([^?#]*)(?:\?([^#]*))?/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** @param ignored names of parameters that do not count. What is no URL is all path. */
export function urlParts(url: string, ignored: ReadonlySet<string>): UrlParts {
  const match = URL_PARTS.exec(url);
  if (match === null) return { origin: "", host: "", path: url, query: [] };
  const [, schemeAsSent = "", hostAsSent = "", port = "", path = "", query = ""] = match;
  const scheme = schemeAsSent.toLowerCase().replace(/^ws/, "http");
  const host = hostAsSent.toLowerCase();
  const named = port === "" || port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
  return {
    origin: `${scheme}://${named}`,
    host,
    path: path === "" ? "/" : path,
    query: queryOf(query, ignored),
  };
}

/** Their order counts only among those of one name. */
function queryOf(query: string, ignored: ReadonlySet<string>): string[] {
  if (query === "") return [];
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
      const value = equals === -1 ? "" : `=${encodeURIComponent(decoded(pair.slice(equals + 1)))}`;
      return { name, text: `${encodeURIComponent(name)}${value}` };
    })
    .filter(({ name }) => !ignored.has(name));
  pairs.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return pairs.map(({ text }) => text);
}

function decoded(text: string): string {
  try {
    return wellFormed(decodeURIComponent(text.replaceAll("+", " ")));
  } catch {
    return wellFormed(text);
  }
}

/** Half a character, as an imported URL may have, can't be encoded again. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
