// The forms in which one secret may stand in a text: as it is, percent-encoded, escaped for JSON or markup, base64.

/**
 * One form of a secret. `whole`: its place can hold a placeholder. `inner`: a part of a longer base64 text, which is
 * overwritten with as many base64 characters so that the text around it still decodes.
 */
export interface SecretForm {
  readonly text: string;
  readonly fit: "whole" | "inner";
}

/** Below this, a piece of base64 is too short to be told from chance. */
const INNER_MINIMUM = 10;

/** Every form that differs from the others, the plain one first. */
export function formsOf(secret: string): SecretForm[] {
  const whole = new Set([secret, ...percentForms(secret), ...jsonForms(secret), markupForm(secret)]);
  const bytes = Buffer.from(secret, "utf8");
  // Text that was read as latin-1: header fields, binary bodies.
  if (bytes.length !== secret.length) whole.add(bytes.toString("latin1"));
  for (const form of [bytes.toString("base64"), bytes.toString("base64url")]) {
    whole.add(form);
    const trimmed = form.replace(/=+$/, "");
    if (trimmed.length >= INNER_MINIMUM) whole.add(trimmed);
    if (form.includes("=")) whole.add(form.replaceAll("=", "%3D"));
  }
  const forms: SecretForm[] = [...whole].map((text) => ({ text, fit: "whole" }));
  for (const text of innerForms(bytes)) if (!whole.has(text)) forms.push({ text, fit: "inner" });
  return forms;
}

function percentForms(secret: string): string[] {
  // A lone surrogate has no percent-encoding.
  if (/^[\w.-]*$/.test(secret) || /\p{Cs}/u.test(secret)) return [];
  const upper = encodeURIComponent(secret);
  const strict = upper.replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [
    upper,
    strict,
    strict.replaceAll("%20", "+"),
    strict.replace(/%7E/g, "~").replaceAll("%20", "+"),
  ];
  const lower = forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const twice = strict.replaceAll("%", "%25");
  return [...forms, ...lower, encodeURI(secret), twice];
}

function jsonForms(secret: string): string[] {
  if (/^[\w .:;,?!()[\]{}@#$%^*~|=`-]*$/.test(secret)) return withUnicodeEscapes(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  const ascii = escaped.replace(/[\u0080-\uffff]/g, unicodeEscape);
  const slashed = escaped.replaceAll("/", "\\/");
  const twice = JSON.stringify(escaped).slice(1, -1);
  const html = escaped.replace(/[<>&']/g, unicodeEscape);
  const strict = escaped.replace(/[<>&'+=]/g, unicodeEscape);
  return [escaped, ascii, slashed, ascii.replaceAll("/", "\\/"), twice, html, strict];
}

function withUnicodeEscapes(secret: string): string[] {
  return secret.includes("=") ? [secret.replaceAll("=", "\\u003d"), secret.replaceAll("=", "\\u003D")] : [];
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function markupForm(secret: string): string {
  return secret.replace(/[&<>"']/g, (char) => MARKUP[char] ?? char);
}

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The characters that the secret alone decides when it stands at each of the three places within base64. */
function innerForms(bytes: Buffer): string[] {
  const forms = new Set<string>();
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const skip = shift === 0 ? 0 : shift + 1;
    const known = Math.floor((encoded.length * 8) / 6);
    for (const coding of ["base64", "base64url"] as const) {
      const text = encoded.toString(coding).slice(skip, known);
      if (text.length >= INNER_MINIMUM) forms.add(text);
    }
  }
  return [...forms];
}
