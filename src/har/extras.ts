// What an entry says beyond what an exchange holds, kept for the export that writes it back.
import type { HarFields } from "../exchange/har-fields.js";
import { asNumber, asObject, type JsonObject } from "./repairs.js";
import { truncationIn } from "./truncation-text.js";

/** Read into the exchange itself; the rest of what begins with `_` is kept. */
const READ: ReadonlySet<string> = new Set([
  "_webSocketMessages",
  "_file",
  // Names a file of its own for the same content.
  "_sha1",
  "_content",
  // A getter of every object in JavaScript, not a field.
  "__proto__",
]);

/** Fields of HAR 1.2 that are kept as well, where they are there. */
const STANDARD: Readonly<Record<keyof HarFields, readonly string[]>> = {
  entry: ["pageref", "connection", "comment"],
  request: ["comment"],
  postData: ["comment"],
  response: ["comment"],
  content: ["comment"],
  timings: ["comment"],
};

/** @param leave fields that the export makes again by itself, as `part.key`. */
export function extrasOf(entry: JsonObject, leave: ReadonlySet<string>): HarFields | undefined {
  const request = asObject(entry.request) ?? {};
  const response = asObject(entry.response) ?? {};
  const parts: readonly (readonly [keyof HarFields, JsonObject, JsonObject])[] = [
    ["entry", entry, cacheOf(entry)],
    ["request", request, cookiesOf(request, "cookie")],
    ["postData", asObject(request.postData) ?? {}, NOTHING],
    ["response", response, responseFields(response)],
    ["content", asObject(response.content) ?? {}, contentOf(response)],
    ["timings", asObject(entry.timings) ?? {}, NOTHING],
  ];
  const kept: [string, JsonObject][] = [];
  for (const [part, object, more] of parts) {
    const fields = pick(object, part, leave);
    if (fields !== NOTHING || more !== NOTHING) kept.push([part, { ...fields, ...more }]);
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

const NOTHING: JsonObject = {};

/** @returns NOTHING where no field is to be kept, which is most often. */
function pick(object: JsonObject, part: keyof HarFields, leave: ReadonlySet<string>): JsonObject {
  let fields: [string, unknown][] | undefined;
  for (const key of Object.keys(object)) {
    const isOwn = key.startsWith("_");
    if (!isOwn && !STANDARD[part].includes(key)) continue;
    const value = object[key];
    // `_initiator: null` makes Chrome refuse the whole file.
    if (value === null || value === undefined || READ.has(key) || leave.has(`${part}.${key}`)) continue;
    const isKept = isOwn || (typeof value === "string" && truncationIn(value) === undefined);
    if (!isKept) continue;
    fields ??= [];
    fields.push([key, value]);
  }
  return fields === undefined ? NOTHING : Object.fromEntries(fields);
}

function cacheOf({ cache }: JsonObject): JsonObject {
  const object = asObject(cache);
  return object === undefined || Object.keys(object).length === 0 ? NOTHING : { cache: object };
}

/** Cookies of an entry whose headers were taken out, as sanitised exports have them. */
function cookiesOf(message: JsonObject, header: string): JsonObject {
  const { cookies } = message;
  if (!Array.isArray(cookies) || cookies.length === 0 || hasHeader(message, header)) return NOTHING;
  const whole = cookies.filter((cookie: unknown) => {
    const { name, value } = asObject(cookie) ?? {};
    return typeof name === "string" && typeof value === "string";
  });
  return whole.length === 0 ? NOTHING : { cookies: whole };
}

function hasHeader({ headers }: JsonObject, name: string): boolean {
  const fields: readonly unknown[] = Array.isArray(headers) ? headers : [];
  return fields.some((field) => {
    const own = asObject(field)?.name;
    return typeof own === "string" && own.toLowerCase() === name;
  });
}

/** The exchange must have a size; that it was not known is said here. */
function responseFields(response: JsonObject): JsonObject {
  const cookies = cookiesOf(response, "set-cookie");
  const { bodySize, status } = response;
  const isUnknown = bodySize === -1 && typeof status === "number" && status > 0;
  return isUnknown ? { ...cookies, bodySize } : cookies;
}

/** What is known of a content whose bytes are not there, and the type that only it names. */
function contentOf(response: JsonObject): JsonObject {
  const { text, _file, size, mimeType } = asObject(response.content) ?? NOTHING;
  const hasText = (typeof text === "string" && text !== "") || _file !== undefined;
  // Without a coding, the size on the wire is the size.
  const isOwn =
    asNumber(size) !== Math.max(asNumber(response.bodySize), 0) || hasHeader(response, "content-encoding");
  const isKept = !hasText && isOwn && Number.isSafeInteger(size) && asNumber(size) >= 0;
  const isNamed = typeof mimeType === "string" && mimeType !== "" && mimeType !== "x-unknown";
  const isTyped = !isNamed || hasHeader(response, "content-type");
  if (!isKept && isTyped) return NOTHING;
  return { ...(isKept ? { size } : {}), ...(isTyped ? {} : { mimeType }) };
}
