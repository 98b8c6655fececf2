// Who may use the port, and what it is to them: a proxy, with or without credentials, or a server in reverse mode.
import { TrafficError } from "../errors.js";
import type { Credentials } from "../proxy/proxy-auth.js";
import type { Origin } from "../proxy/target.js";

export interface Access {
  readonly credentials?: Credentials;
  readonly reverse?: Origin;
}

/** @throws TrafficError BAD_OPTION; its message never has the password. */
export function readAccess(options: { readonly proxyAuth?: string; readonly reverse?: string }): Access {
  if (options.reverse !== undefined && options.proxyAuth !== undefined) {
    throw new TrafficError("BAD_OPTION", "--proxy-auth has no meaning with --mode reverse", {
      hint: "clients of a server give a proxy's credentials to nobody",
    });
  }
  return {
    ...(options.proxyAuth === undefined ? {} : { credentials: parseCredentials(options.proxyAuth) }),
    ...(options.reverse === undefined ? {} : { reverse: parseOrigin(options.reverse) }),
  };
}

/** What a client takes as its proxy: the credentials in the URL, as curl and most others read them. */
export function proxyUrl(place: string, credentials: Credentials | undefined): string {
  if (credentials === undefined) return `http://${place}`;
  return `http://${encode(credentials.user)}:${encode(credentials.password)}@${place}`;
}

/** @throws TrafficError BAD_OPTION */
export function parseCredentials(text: string): Credentials {
  const colon = text.indexOf(":");
  const credentials = { user: text.slice(0, colon), password: text.slice(colon + 1) };
  const bytes = [credentials.user, credentials.password].map((each) => Buffer.byteLength(each));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 forbids them
  if (colon < 1 || /[\x00-\x1f\x7f]/.test(text) || bytes.some((length) => length > 255)) {
    throw new TrafficError("BAD_OPTION", "--proxy-auth is not user:password", {
      hint: "a user without a colon, a colon, a password; at most 255 bytes each",
    });
  }
  return credentials;
}

function parseOrigin(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw badOrigin(text, "as in --mode reverse:https://api.example.com");
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw badOrigin(text, "leave the path away: clients ask for theirs");
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return { scheme, host, port, serverName: host };
}

function badOrigin(text: string, hint: string): TrafficError {
  const shown = text.replace(/\/\/.*@/s, "//");
  return new TrafficError("BAD_OPTION", `--mode reverse:${shown} names no origin`, { hint });
}

/** What URLs allow in a user and a password as they are is little (RFC 3986 section 3.2.1), and some clients take less. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
