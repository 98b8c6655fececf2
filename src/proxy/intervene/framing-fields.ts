// Content-Length and Transfer-Encoding as the body has them, whatever an intervention says (RFC 9112 section 6).
import { headerValues, type RawHeaders } from "../../exchange/headers.js";
import type { Framing } from "../http1/framing.js";

const LENGTH = "content-length";
const ENCODING = "transfer-encoding";

/** @param original of the message as it came: its own Transfer-Encoding stays where the body is still framed by it */
export function withFraming(fields: RawHeaders, framing: Framing, original: RawHeaders = []): RawHeaders {
  switch (framing.kind) {
    case "length":
      return withOne(without(fields, ENCODING), "Content-Length", String(framing.length));
    case "chunked":
      return withOne(without(fields, LENGTH), "Transfer-Encoding", codings(original) ?? "chunked");
    case "close": {
      const kept = codings(original);
      const rest = without(fields, LENGTH);
      return kept === undefined ? without(rest, ENCODING) : withOne(rest, "Transfer-Encoding", kept);
    }
    case "none":
      // A length of 0 says what is so.
      return without(fields, ENCODING).filter(
        ([name, value]) => value === "0" || name.toLowerCase() !== LENGTH,
      );
  }
}

export function without(fields: RawHeaders, name: string): RawHeaders {
  return fields.some(([each]) => each.toLowerCase() === name)
    ? fields.filter(([each]) => each.toLowerCase() !== name)
    : fields;
}

function codings(original: RawHeaders): string | undefined {
  const values = headerValues(original, ENCODING);
  return values.length === 0 ? undefined : values.join(", ");
}

/** In the place and with the name of the first that is there, else at the end. */
function withOne(fields: RawHeaders, name: string, value: string): RawHeaders {
  const lower = name.toLowerCase();
  const result: (readonly [string, string])[] = [];
  let found = false;
  for (const field of fields) {
    if (field[0].toLowerCase() !== lower) result.push(field);
    else if (!found) {
      found = true;
      result.push(field[1] === value ? field : [field[0], value]);
    }
  }
  if (!found) result.push([name, value]);
  return result;
}
