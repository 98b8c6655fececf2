// A pattern for URLs: a glob or a regular expression, and what its stars or groups took.
import { Mistake } from "../filter/mistake.js";
import { compileGlob } from "./glob.js";
import { compileRegexLiteral } from "./regex.js";

export interface UrlPattern {
  readonly text: string;
  /** A glob without a `?` is for the URL without its query. */
  readonly withQuery: boolean;
  /** @param url with its query, or without, as `withQuery` says */
  test(url: string): boolean;
  /** The whole URL, then what each star or group took; undefined where it does not match. */
  captures(url: string): readonly string[] | undefined;
  readonly captureCount: number;
}

/** @throws Mistake */
export function compileUrlPattern(written: string): UrlPattern {
  const regex = compileRegexLiteral(written);
  if (regex !== undefined) {
    const { groups, test, match } = regex;
    return { text: written, withQuery: true, captureCount: groups, test, captures: match };
  }
  if (!/^(?:\*|[a-z][a-z*]*:\/\/)/i.test(written)) {
    throw new Mistake(
      "a URL begins with its scheme",
      0,
      written.length,
      written.startsWith("/") ? `write path: ${written}` : `write https://${written} or *://${written}`,
    );
  }
  // A WebSocket is asked for by a request of HTTP, and its URL says so (RFC 6455 section 3).
  const text = withPlainOrigin(written.replace(/^ws(?=[s*]?:)/i, "http"));
  const glob = compileGlob(text);
  const withQuery = text.includes("?");
  return {
    text,
    withQuery,
    captureCount: glob.stars,
    test: (url) => glob.test(withPlainOrigin(url)),
    captures(url) {
      const looked = withPlainOrigin(withQuery ? url : withoutQuery(url));
      const taken = glob.captures(looked);
      return taken === undefined ? undefined : [looked, ...taken];
    },
  };
}

function withoutQuery(url: string): string {
  const question = url.indexOf("?");
  return question === -1 ? url : url.slice(0, question);
}

/** Scheme and host are the same in either case (RFC 9110 section 4.2.3). */
function withPlainOrigin(url: string): string {
  return /^[^/?#]*:\/\/[^/?#A-Z]*(?:[/?#]|$)/.test(url) && !/^[^:]*[A-Z]/.test(url)
    ? url
    : url.replace(/^[^/?#]*:\/\/[^/?#]*/, (origin) => origin.toLowerCase());
}
