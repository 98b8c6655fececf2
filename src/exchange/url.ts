// Parts of a recorded URL, which may hold what the URL standard would reject or change.

/** The host, in lower case, without port and userinfo; an IPv6 address in brackets; "" where there is none. */
export function hostOf(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(url);
  return (match?.[1] ?? "").toLowerCase();
}

/** Path and query as sent, without the fragment. */
export function pathOf(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url);
  return match === null ? url : match[1]!;
}
