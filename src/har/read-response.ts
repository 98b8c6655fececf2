// The response of an entry, without its body, and what made it fail.
import type { ExchangeError, HttpResponse } from "../exchange/exchange.js";
import { errorOf } from "./error-names.js";
import { headerOfText } from "./header-text.js";
import { readHeaders, readVersion } from "./read-headers.js";
import { asObject, type FieldReader, type JsonObject } from "./repairs.js";

type ResponseHead = Omit<HttpResponse, "body">;

export interface ReadResponse {
  /** Absent when none came. */
  readonly head?: ResponseHead;
  readonly error?: ExchangeError;
}

export function readResponse(entry: JsonObject, reader: FieldReader): ReadResponse {
  const response = asObject(entry.response);
  if (response === undefined) {
    reader.note("response", "is missing; taken as a request that got none");
    return { error: errorOf("") };
  }
  const failure = [response._error, response._failureText, response._blockedReason, entry._error].find(
    (each): each is string => typeof each === "string" && each !== "",
  );
  const status = Math.round(reader.number(response, "status", "response", 0));
  // Chrome and Firefox write 0 for a request that got no response, Playwright -1.
  if (status <= 0) return { error: errorOf(failure ?? (entry._wasAborted === true ? "aborted" : "")) };
  const { headers } = readHeaders(response, "response", reader);
  const head: ResponseHead = {
    status: Math.min(status, 999),
    reason: headerOfText(typeof response.statusText === "string" ? response.statusText : ""),
    httpVersion: readVersion(response),
    headers,
    headersSize: reader.size(response, "headersSize", "response"),
  };
  if (status > 999) reader.note("response.status", `is ${status}; taken as 999`);
  return failure === undefined ? { head } : { head, error: errorOf(failure) };
}
