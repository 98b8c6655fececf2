// Where an exchange goes: scheme, host and port, read from an absolute URL, a CONNECT authority or a Host header.

type Scheme = "http" | "https";

/** An origin to connect to. `host` has no brackets around IPv6. */
export interface Origin {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  /** What to ask for in TLS, whatever name the client asked of us: --mode reverse. */
  readonly serverName?: string | undefined;
}

/** @returns host and port of `host:port`, `[v6]:port`; undefined when it is neither. */
export function parseAuthority(
  text: string,
  defaultPort?: number,
): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~-]+)?)\]|([^\s:/?#@[\]\\]+))(?::(\d{1,5}))?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const host = match[1] ?? match[2]!;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port === undefined || port < 1 || port > 65535) return undefined;
  return { host, port };
}

/**
 * Splits an absolute-form target (RFC 9112 section 3.2.2) without normalising the part that is sent on.
 * @returns undefined when it is no http or https URL
 */
export function parseAbsoluteTarget(
  target: string,
  method = "GET",
): { origin: Origin; target: string } | undefined {
  const match = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(target);
  if (match === null) return undefined;
  const scheme: Scheme = match[1]!.toLowerCase() === "https" ? "https" : "http";
  const authority = match[2]!;
  const withoutUser = authority.slice(authority.lastIndexOf("@") + 1);
  const parsed = parseAuthority(withoutUser, defaultPort(scheme));
  if (parsed === undefined) return undefined;
  const rest = match[3]!;
  // RFC 9112 section 3.2.4: OPTIONS of the origin as a whole.
  if (rest === "" && method === "OPTIONS") return { origin: { scheme, ...parsed }, target: "*" };
  return { origin: { scheme, ...parsed }, target: rest.startsWith("/") ? rest : `/${rest}` };
}

function defaultPort(scheme: Scheme): number {
  return scheme === "https" ? 443 : 80;
}

/** `host:port`, the port left out where the scheme implies it, brackets around IPv6. */
export function formatAuthority(origin: Origin): string {
  const host = formatHost(origin.host);
  return origin.port === defaultPort(origin.scheme) ? host : `${host}:${origin.port}`;
}

export function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * The URL that a person knows the request by. The connection's own authority, but where that is only an address and
 * the Host header has a name, that name, with the port that was connected to: it is what the program asked for.
 */
export function exchangeUrl(origin: Origin, hostHeader: string | undefined, target: string): string {
  const authority = namedAuthority(origin, hostHeader) ?? formatAuthority(origin);
  if (target === "*") return `${origin.scheme}://${authority}`;
  if (target.startsWith("/")) return `${origin.scheme}://${authority}${target}`;
  return /^https?:\/\//i.test(target) ? target : `${origin.scheme}://${authority}/${target}`;
}

function namedAuthority(origin: Origin, hostHeader: string | undefined): string | undefined {
  if (hostHeader === undefined || !isIpAddress(origin.host)) return undefined;
  const named = parseAuthority(hostHeader, defaultPort(origin.scheme));
  if (named === undefined || isIpAddress(named.host)) return undefined;
  return formatAuthority({ ...origin, host: named.host });
}

export function isIpAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
