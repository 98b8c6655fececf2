// Header fields as they came: ordered pairs, names in their own case, duplicates kept. Views are derived on demand.

/** Ordered `[name, value]` pairs as received; each character of a value is one byte (latin-1). */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** @returns the first value of a field, by case-insensitive name. */
export function headerValue(headers: RawHeaders, name: string): string | undefined {
  const lower = name.toLowerCase();
  for (const [field, value] of headers) {
    if (field.length === lower.length && field.toLowerCase() === lower) return value;
  }
  return undefined;
}

/** @returns every value of a field, in order. */
export function headerValues(headers: RawHeaders, name: string): string[] {
  const lower = name.toLowerCase();
  const values: string[] = [];
  for (const [field, value] of headers) {
    if (field.length === lower.length && field.toLowerCase() === lower) values.push(value);
  }
  return values;
}

/** @returns the media type in lower case without parameters (`text/html`), or "" where there is none. */
export function mediaType(headers: RawHeaders): string {
  const value = headerValue(headers, "content-type");
  if (value === undefined) return "";
  const semicolon = value.indexOf(";");
  return (semicolon === -1 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}

/**
 * Media types whose bodies arrive piece by piece over time, so that each piece's time is worth keeping:
 * server-sent events, lines of JSON, camera streams. Not application/octet-stream, which is any bytes at all.
 */
export function isStreamingType(type: string): boolean {
  return STREAMING_TYPE.test(type);
}

const STREAMING_TYPE =
  /^(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:(?:x-)?(?:ndjson|jsonl|jsonlines|json-seq)|stream\+json|vnd\.amazon\.eventstream))$/;
