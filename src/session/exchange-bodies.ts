// The bodies of an exchange, whatever its kind.
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";

/** @returns undefined where no response came, and for a tunnel. */
export function responseBody(exchange: Exchange): Body | undefined {
  return exchange.kind === "tunnel" ? undefined : exchange.response?.body;
}

/** @returns the exchange with `change` applied to each body; the same object where nothing changes. */
export function mapBodies(
  exchange: Exchange,
  change: (body: Body, part: "request" | "response") => Body,
): Exchange {
  const requestBody = change(exchange.request.body, "request");
  const changed =
    requestBody === exchange.request.body
      ? exchange
      : { ...exchange, request: { ...exchange.request, body: requestBody } };
  if (changed.kind === "tunnel" || changed.response === undefined) return changed;
  const body = change(changed.response.body, "response");
  return body === changed.response.body ? changed : { ...changed, response: { ...changed.response, body } };
}

/** Bytes that the exchange's bodies take in files of their own. */
export function storedBytes(exchange: Exchange): number {
  return stored(exchange.request.body) + stored(responseBody(exchange));
}

function stored(body: Body | undefined): number {
  return body?.kind === "file" ? body.stored : 0;
}
