// Parses a media type (RFC 9110 section 8.3.1), as tolerantly as browsers do (WHATWG MIME Sniffing section 4.4).

export interface MediaType {
  /** `application`, lower case; "" where the value is no media type. */
  readonly type: string;
  readonly subtype: string;
  /** `type/subtype`, or "". */
  readonly essence: string;
  /** The structured syntax suffix without its plus: `json` of `application/problem+json`; "" where there is none. */
  readonly suffix: string;
  /** By lower case name, quotes undone; the first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Never throws; what is no media type has an empty `essence`. */
export function parseMediaType(value: string): MediaType {
  const end = value.indexOf(";");
  const essence = (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
  const match = /^([!#$%&'*+.^_`|~0-9a-z-]+)\/([!#$%&'*+.^_`|~0-9a-z-]+)$/.exec(essence);
  const parameters = end === -1 ? new Map<string, string>() : parseParameters(value.slice(end + 1));
  if (match === null) return { type: "", subtype: "", essence: "", suffix: "", parameters };
  const [, type = "", subtype = ""] = match;
  const plus = subtype.lastIndexOf("+");
  return { type, subtype, essence, suffix: plus === -1 ? "" : subtype.slice(plus + 1), parameters };
}

/**
 * `name=value; other="quoted; value"`: the parameters of a media type, or of a Content-Disposition.
 * @returns by lower case name; the first of a name counts.
 */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  // Sticky and without nested repetition: linear, whatever the text.
  const parameter = /[\s;]*([^\s=;]*)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"?[^;]*|([^;]*)))?;?/y;
  while (parameter.lastIndex < text.length) {
    const start = parameter.lastIndex;
    const match = parameter.exec(text);
    if (match === null || parameter.lastIndex === start) break;
    const name = (match[1] ?? "").toLowerCase();
    const value = match[2] === undefined ? match[3]?.trim() : match[2].replace(/\\([\s\S])/g, "$1");
    if (name !== "" && value !== undefined && !parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** Whether its bodies are JSON: `application/json`, `text/json`, `+json`. */
export function isJsonType(type: MediaType): boolean {
  return (
    type.suffix === "json" ||
    /^(?:x-)?json5?$/.test(type.subtype) ||
    type.essence === "application/csp-report"
  );
}

/** Whether its bodies are XML: `application/xml`, `text/xml`, `+xml`. */
export function isXmlType(type: MediaType): boolean {
  return type.suffix === "xml" || type.essence === "application/xml" || type.essence === "text/xml";
}
