// Header values between the wire, where a character is a byte, and a HAR, where it is text. Browsers show a value as
// UTF-8 where its bytes are that, else as latin-1; what we write agrees with what they write.
import { isUtf8 } from "node:buffer";

/** @param value as recorded: each character is one byte. */
export function textOfHeader(value: string): string {
  if (highest(value) < 0x80) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}

/** Bytes, one in each character, that `textOfHeader` makes this text of: UTF-8, which is what servers send. */
export function headerOfText(text: string): string {
  return highest(text) < 0x80 ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** A URL that every reader takes: what may not stand in one is percent-encoded, the rest stays as it was sent. */
export function urlText(url: string): string {
  return url.replace(/[^!-~]+/g, (run) => {
    const bytes = Buffer.from(run, highest(run) <= 0xff ? "latin1" : "utf8");
    return bytes.toString("hex").toUpperCase().replace(/../g, "%$&");
  });
}

function highest(text: string): number {
  let code = 0;
  for (let index = 0; index < text.length; index++) code = Math.max(code, text.charCodeAt(index));
  return code;
}
