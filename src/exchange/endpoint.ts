// Which endpoint of an API a URL means: its path with what varies folded into `{id}`. By the look of a segment alone,
// so that one request is enough, and the same URL is folded alike everywhere.

/** @returns `https://api.test/users/{id}/posts` of `https://api.test/users/42/posts?page=2`; the query is left out. */
export function endpointOf(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)/i.exec(url);
  if (match === null) return url;
  const path = match[2] === "" ? "/" : match[2]!;
  return `${match[1]!.toLowerCase()}${foldPath(path)}`;
}

/** @param path without query. */
export function foldPath(path: string): string {
  return path.split("/").map(foldSegment).join("/");
}

function foldSegment(segment: string): string {
  if (segment.length === 0) return segment;
  // A file with its content's hash in its name: `main.3f2a9c1b.js`, `chunk-5XKQ2A7B.css`.
  const hashed = /^(.*[.-])([A-Za-z0-9_]{8,64})(\.[A-Za-z0-9.]{1,12})$/.exec(segment);
  if (hashed !== null && (isHash(hashed[2]!) || isMixed(hashed[2]!))) return `${hashed[1]}{hash}${hashed[3]}`;
  if (isId(segment)) return "{id}";
  // An id with an extension (`42.json`) or behind a name (`user_42`, `items:7`, `order-1001`).
  const extended = /^([^.]+)(\.[A-Za-z][A-Za-z0-9]{0,5})$/.exec(segment);
  if (extended !== null && isId(extended[1]!)) return `{id}${extended[2]}`;
  const named = /^([A-Za-z]+[_:=-])(.+)$/.exec(segment);
  if (named !== null && isId(named[2]!)) return `${named[1]}{id}`;
  return segment;
}

function isId(text: string): boolean {
  return (
    /^-?\d+$/.test(text) ||
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text) ||
    /^\d{4}-\d\d(?:-\d\d)?(?:T[\d:.Z+-]+)?$/.test(text) ||
    /^[^@/]+(?:@|%40)[^@/]+\.[a-z]{2,}$/i.test(text) ||
    isHash(text)
  );
}

function isMixed(text: string): boolean {
  return text.replace(/\D/g, "").length >= 2 && /[A-Za-z]/.test(text);
}

/** ULIDs, object ids, digests, tokens: long, and letters mixed with digits. */
function isHash(text: string): boolean {
  if (/^[0-9a-f]{8,}$/i.test(text)) return /\d/.test(text) && (/[a-f]/i.test(text) || text.length > 8);
  if (!/^[A-Za-z0-9_-]{12,}$/.test(text)) return false;
  const digits = text.replace(/\D/g, "").length;
  const words = text.split(/[_-]/).every((word) => /^(?:[A-Za-z]+|\d{1,4}|v\d+)$/.test(word));
  return digits >= 2 && !words;
}
