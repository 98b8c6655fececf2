// Parses JSON for a comparison: no digit of a number is lost, and no nesting is too deep for what walks over it.

/** Deeper documents are compared as text. */
const DEEPEST = 500;
/** Marks a number that would not survive as one; no JSON text can hold it unescaped. */
const MARK = "\u0000number:";

/** @returns undefined for what is no JSON, or nested too deep */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (depthOf(plain) > DEEPEST) return undefined;
  try {
    return { value: JSON.parse(withExactNumbers(plain)) };
  } catch {
    return undefined;
  }
}

/** The value as JSON, an exact number as the number that it was. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.includes("\\u0000number:") ? text.replace(/"\\u0000number:([^"]*)"/g, "$1") : text;
}

/** `number` for one that is kept as its text. */
export function jsonType(value: unknown): "null" | "boolean" | "number" | "string" | "array" | "object" {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "boolean":
    case "number":
    case "object":
      return typeof value as "boolean" | "number" | "object";
    default:
      return typeof value === "string" && value.startsWith(MARK) ? "number" : "string";
  }
}

/** Numbers of many digits become marked texts, so that two that differ in the last one differ. */
function withExactNumbers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => {
    if (token.startsWith('"') || !/\d{16}/.test(token) || !isNumber(token)) return token;
    return Number.isSafeInteger(Number(token)) ? token : `"\\u0000number:${token}"`;
  });
}

function isNumber(token: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(token);
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}
