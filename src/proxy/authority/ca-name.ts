// The name of a new CA, by which a person recognises it in a trust store.
import { hostname, userInfo } from "node:os";

/** RFC 5280 appendix A.1: at most 64 characters; counted in bytes here, which no reader disputes. */
const MAX_BYTES = 64;

/**
 * @param keyId hexadecimal; a part of it keeps the name of each CA its own, so that verifiers that look issuers
 *   up by name alone never meet two
 */
export function caCommonName(now: Date, keyId: string, owner: string = currentOwner()): string {
  const end = ` ${now.toISOString().slice(0, 10)} ${keyId.slice(0, 8)}`;
  const start = `trafficctl CA ${owner}`;
  return clip(start, MAX_BYTES - end.length) + end;
}

function currentOwner(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return "user";
  }
}

/** The longest start of the text that is at most so many bytes of UTF-8, control characters left out. */
function clip(text: string, bytes: number): string {
  let clipped = "";
  for (const character of text.replace(/\p{Cc}/gu, "")) {
    if (Buffer.byteLength(clipped + character) > bytes) break;
    clipped += character;
  }
  return clipped;
}
