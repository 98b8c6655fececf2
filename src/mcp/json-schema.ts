// JSON Schema as short as it can be said: every client carries the list of all tools along.

export interface JsonObject extends Record<string, unknown> {}

const ANY_STRING = JSON.stringify({ type: "string" });

/** Without what says nothing: the bounds of safe integers, that names are strings, members that may be anything. */
export function trimmed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(trimmed);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name, value]) => !saysNothing(name, value))
      .map(([name, value]) => [name, trimmed(value)]),
  );
}

function saysNothing(name: string, value: unknown): boolean {
  switch (name) {
    case "maximum":
      return value === Number.MAX_SAFE_INTEGER;
    case "minimum":
      return value === Number.MIN_SAFE_INTEGER;
    case "propertyNames":
      return JSON.stringify(value) === ANY_STRING;
    case "properties":
    case "additionalProperties":
      return JSON.stringify(value) === "{}";
    default:
      return false;
  }
}

/** The same, and with `{"type": ["string", "null"]}` for alternatives that are nothing but types. */
export function compact(schema: unknown): unknown {
  return joined(trimmed(schema));
}

function joined(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(joined);
  if (typeof schema !== "object" || schema === null) return schema;
  const { anyOf, ...rest }: JsonObject = { ...schema };
  const types = Array.isArray(anyOf) ? anyOf.map(onlyType) : [undefined];
  const known = types.filter((type) => type !== undefined);
  if (known.length === types.length) return { type: known, ...rest };
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, joined(value)]));
}

/** @returns undefined where the schema says more than a type */
function onlyType(schema: unknown): string | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const [entry, ...more] = Object.entries(schema);
  return more.length === 0 && entry?.[0] === "type" && typeof entry[1] === "string" ? entry[1] : undefined;
}

export function toRecord(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
