// Where a recorded request goes: its own place, or another scheme, host and port with its path and query kept.
import { type Origin, parseAbsoluteTarget } from "../../proxy/target.js";
import { formatOrigin } from "./fields.js";
import { type SendRequest, Unsendable } from "./request.js";

/** @returns the origin that a person means by `http://localhost:3000`; undefined for what is none, or has a path */
export function parseTarget(text: string): Origin | undefined {
  const parsed = parseAbsoluteTarget(text);
  return parsed === undefined || parsed.target !== "/" ? undefined : parsed.origin;
}

/** The Host field and HTTP/2's `:authority` follow. @throws Unsendable */
export function retarget(request: SendRequest, origin: Origin): SendRequest {
  const match = /^[a-z]+:\/\/[^/?#]*(.*)$/is.exec(request.url);
  if (match === null) throw new Unsendable(`${request.url.slice(0, 200)} is no http or https URL`);
  const authority = formatOrigin(origin);
  return {
    ...request,
    url: `${origin.scheme}://${authority}${match[1]!}`,
    headers: request.headers.map(([name, value]) =>
      name.toLowerCase() === "host" ? [name, authority] : [name, value],
    ),
    ...(request.authority === undefined ? {} : { authority }),
  };
}

/** Whether a URL's host is this machine by its name or address. */
export function isLoopback(url: string): boolean {
  const host = parseAbsoluteTarget(url)?.origin.host.toLowerCase() ?? "";
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|::1)\.?$/.test(host);
}
