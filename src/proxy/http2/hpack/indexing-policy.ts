// Which fields an encoder keeps in its table, where nobody says so: what common encoders do (nghttp2's choice of names).

/**
 * "index" keeps the field for the next time; "without" does not, since its value hardly repeats; "never" forbids it to
 * every hop, for secrets (RFC 7541 section 7.1.3), "never-when-short" for those that could be found out by trying.
 */
export type IndexingPolicy = "index" | "without" | "never" | "never-when-short";

const POLICIES: ReadonlyMap<string, IndexingPolicy> = new Map([
  [":path", "without"],
  ["age", "without"],
  ["content-length", "without"],
  ["etag", "without"],
  ["if-modified-since", "without"],
  ["if-none-match", "without"],
  ["location", "without"],
  ["authorization", "never"],
  ["proxy-authorization", "never"],
  ["cookie", "never-when-short"],
  ["set-cookie", "never-when-short"],
]);

export function indexingPolicy(name: string): IndexingPolicy {
  return POLICIES.get(name) ?? "index";
}
