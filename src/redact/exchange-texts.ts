// Every text of an exchange beside its bodies, each changed by what it is: an address, a header field, or prose.
import type {
  Exchange,
  ForwardedRequest,
  HttpRequest,
  HttpResponse,
  InformationalResponse,
} from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";

/** Each gives back the text that is to stand there. */
export interface TextChanges {
  /** A URL, a request-target, an authority. */
  address(text: string): string;
  field(name: string, value: string): string;
  prose(text: string): string;
}

export function mapTexts<Kind extends Exchange>(exchange: Kind, change: TextChanges): Kind {
  const { forwarded, error } = exchange;
  return {
    ...exchange,
    request: mapRequest(exchange.request, change),
    ...(forwarded === undefined ? {} : { forwarded: mapForwarded(forwarded, change) }),
    ...(error === undefined ? {} : { error: { ...error, message: change.prose(error.message) } }),
    ...mapAnswer(exchange, change),
  };
}

function mapRequest(request: HttpRequest, change: TextChanges): HttpRequest {
  const { url, target, headers, authority, trailers } = request;
  return {
    ...request,
    url: change.address(url),
    target: change.address(target),
    headers: mapFields(headers, change),
    ...(authority === undefined ? {} : { authority: change.address(authority) }),
    ...(trailers === undefined ? {} : { trailers: mapFields(trailers, change) }),
  };
}

function mapForwarded(forwarded: ForwardedRequest, change: TextChanges): ForwardedRequest {
  const { url, headers } = forwarded;
  return { ...forwarded, url: change.address(url), headers: mapFields(headers, change) };
}

function mapAnswer(exchange: Exchange, change: TextChanges): object {
  if (exchange.kind === "tunnel" || exchange.response === undefined) return {};
  const response = mapResponse(exchange.response, change);
  if (exchange.kind === "http" || exchange.close === undefined) return { response };
  return { response, close: { ...exchange.close, reason: change.prose(exchange.close.reason) } };
}

function mapResponse(response: HttpResponse, change: TextChanges): HttpResponse {
  const { reason, headers, trailers, informational } = response;
  return {
    ...response,
    reason: change.prose(reason),
    headers: mapFields(headers, change),
    ...(trailers === undefined ? {} : { trailers: mapFields(trailers, change) }),
    ...(informational === undefined
      ? {}
      : { informational: informational.map((one) => mapInformational(one, change)) }),
  };
}

function mapInformational(one: InformationalResponse, change: TextChanges): InformationalResponse {
  return { ...one, reason: change.prose(one.reason), headers: mapFields(one.headers, change) };
}

function mapFields(headers: RawHeaders, change: TextChanges): RawHeaders {
  return headers.map(([name, value]) => [name, change.field(name, value)]);
}
