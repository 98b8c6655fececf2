// The charset that a text says it has: in its Content-Type, in an HTML meta, an XML declaration, a CSS @charset.
import { canonicalCharset } from "./charsets.js";
import { isJsonType, isXmlType, type MediaType } from "./media-type.js";

/** How far browsers look for a declaration (WHATWG HTML, "prescan a byte stream"). */
const PRESCAN_BYTES = 1024;

/** @returns the canonical name, or undefined where none is declared, or one that is not known. */
export function declaredCharset(bytes: Buffer, type: MediaType): string | undefined {
  return parameterCharset(type) ?? charsetInside(bytes, type);
}

function parameterCharset(type: MediaType): string | undefined {
  const label = type.parameters.get("charset");
  return label === undefined ? undefined : canonicalCharset(label);
}

function charsetInside(bytes: Buffer, type: MediaType): string | undefined {
  if (isJsonType(type)) return undefined;
  const head = bytes.subarray(0, PRESCAN_BYTES).toString("latin1");
  if (type.essence === "text/html") return sane(metaCharset(head));
  if (isXmlType(type))
    return (
      utf16Xml(bytes) ?? sane(/^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"']{1,40})["']/.exec(head)?.[1])
    );
  if (type.essence === "text/css") return sane(/^@charset "([^"]{1,40})";/.exec(head)?.[1]);
  return undefined;
}

function metaCharset(head: string): string | undefined {
  const html = head.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  for (const [tag] of html.matchAll(/<meta[\s/][^>]*>/gi)) {
    const charset = /[\s/"';]charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(tag)?.[1];
    if (charset !== undefined) return charset;
  }
  return undefined;
}

/** What could be read as ASCII is not UTF-16, whatever it says (WHATWG HTML, same section). */
function sane(label: string | undefined): string | undefined {
  const charset = label === undefined ? undefined : canonicalCharset(label);
  return charset?.startsWith("utf-16") ? "utf-8" : charset;
}

/** `<?` in UTF-16 without a byte order mark (XML 1.0 appendix F). */
function utf16Xml(bytes: Buffer): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0x3c && b === 0 && c === 0x3f && d === 0) return "utf-16le";
  if (a === 0 && b === 0x3c && c === 0 && d === 0x3f) return "utf-16be";
  return undefined;
}
