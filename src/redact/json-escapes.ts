// The inside of JSON strings: what it stands for, and back.

/** The characters that a JSON string stands for; what is no valid escape stays as it is. */
export function decodeJson(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/gs,
    (whole, hex: string | undefined, char: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return char === undefined ? whole : (ESCAPES[char] ?? char);
    },
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

export function encodeJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
