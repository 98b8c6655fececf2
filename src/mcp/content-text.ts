// Decoded content as text where it is text.
import { isUtf8 } from "node:buffer";
import { headerValue, type RawHeaders } from "../exchange/headers.js";

/** @returns null for what is no text */
export function textOf(bytes: Buffer, headers: RawHeaders): string | null {
  const type = headerValue(headers, "content-type") ?? "";
  if (isUtf8(bytes)) return bytes.includes(0) && !isTextual(type) ? null : bytes.toString("utf8");
  if (!isTextual(type)) return null;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? "windows-1252";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A name that no decoder has: each byte is a character.
    return bytes.toString("latin1");
  }
}

function isTextual(type: string): boolean {
  return /^(?:text\/|application\/(?:[\w.+-]*(?:json|xml|javascript|yaml|graphql)|x-www-form-urlencoded|x-ndjson))/i.test(
    type.trim(),
  );
}
