// The parts of an absolute URL as sent, taken apart and put together without changing a byte of them.

export interface UrlParts {
  /** Lower case. */
  readonly scheme: string;
  /** An IPv6 address in brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** With its slash. */
  readonly path: string;
  /** With its question mark; "" where there is none. */
  readonly query: string;
}

/** @returns undefined for what is no `http`, `https`, `ws` or `wss` URL */
export function splitUrl(url: string): UrlParts | undefined {
  const match =
    /^(https?|wss?):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.%]+\]|[^/?#:@\s]+)(?::(\d{1,5}))?([^?#]*)(\?[^#]*)?/i.exec(
      url,
    );
  if (match === null) return undefined;
  const [, scheme = "", host = "", port, path, query = ""] = match;
  if (path !== "" && !path?.startsWith("/")) return undefined;
  return {
    scheme: scheme.toLowerCase(),
    host,
    port: port === undefined ? undefined : Number(port),
    path: path || "/",
    query,
  };
}

export function joinUrl({ scheme, host, port, path, query }: UrlParts): string {
  return `${scheme}://${host}${port === undefined ? "" : `:${port}`}${path}${query}`;
}

/** Percent-encoded; half a surrogate pair, which has no UTF-8, becomes U+FFFD. */
export function encodeUrlPart(text: string): string {
  return encodeURIComponent(Buffer.from(text, "utf8").toString("utf8"));
}
