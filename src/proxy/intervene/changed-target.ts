// Where a request goes whose URL was changed.
import type { DialTarget } from "../dial.js";
import type { FlowRequest } from "../exchange-flow/flow-services.js";
import { isIpAddress, type Origin, parseAbsoluteTarget } from "../target.js";
import { checkedTarget, UnsendableError } from "./checked-fields.js";

const HTTP1_ONLY: readonly string[] = ["http/1.1"];
const BOTH_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];

export interface ChangedTarget {
  readonly url: string;
  /** The request-target to send. */
  readonly target: string;
  readonly dial: DialTarget;
}

/** @throws UnsendableError */
export function changedTarget(request: FlowRequest, url: string | undefined, method: string): ChangedTarget {
  const { outgoing, target: came } = request;
  if (url === undefined || url === request.url) {
    return { url: request.url, target: outgoing.target, dial: came };
  }
  const fragment = url.indexOf("#");
  const parsed = parseAbsoluteTarget(fragment === -1 ? url : url.slice(0, fragment), method);
  if (parsed === undefined) {
    throw new UnsendableError(`${JSON.stringify(url)} is no http:// or https:// URL to send a request to`);
  }
  // What came stays as it came, bytes beyond ASCII too.
  const target = parsed.target === outgoing.target ? parsed.target : checkedTarget(parsed.target);
  const before = parseAbsoluteTarget(request.url, outgoing.method);
  const isSame = before !== undefined && isSameOrigin(before.origin, parsed.origin);
  return { url, target, dial: isSame ? came : dialTargetOf(parsed.origin, came) };
}

function isSameOrigin(one: Origin, other: Origin): boolean {
  return (
    one.scheme === other.scheme &&
    one.port === other.port &&
    one.host.toLowerCase() === other.host.toLowerCase()
  );
}

function dialTargetOf(origin: Origin, came: DialTarget): DialTarget {
  return {
    ...origin,
    // RFC 6066 section 3: a literal address is no server name.
    serverName: isIpAddress(origin.host) ? undefined : origin.host,
    alpn: protocolsFor(origin, came),
  };
}

/** Without TLS nobody can be asked for HTTP/2: it is spoken where the client speaks it like that itself. */
function protocolsFor(origin: Origin, came: DialTarget): readonly string[] {
  if (origin.scheme === came.scheme) return came.alpn;
  if (origin.scheme === "http") return HTTP1_ONLY;
  return came.alpn.includes("h2") ? BOTH_PROTOCOLS : came.alpn;
}
