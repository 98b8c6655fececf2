// What JSON members and their values tell apart from names: what is handed on, scripts, documents, pieces of words.
import type { Grade } from "./names.js";

/** What a member under a secret's name takes over from it. `"token": {"type": "bearer", "value": "..."}`. */
export function inheritedGrade(above: Grade, name: string | null): Grade {
  if (above !== "secret") return "none";
  if (name === null) return above;
  return /^(?:value|data|content|raw|text|current|previous|primary|secondary|key|pass|plain|string|\d+)$/i.test(
    name,
  )
    ? "secret"
    : "weak";
}

/** A script in a string: nearly every name in it has a `=` or `:` behind it. */
export function holdsCode(text: string, start: number, end: number): boolean {
  if (end - start < 40) return false;
  const head = text.slice(start, Math.min(end, start + 4000));
  return /(?:\bfunction\b|=>|\b(?:const|let|var|return|import)\s)/.test(head) && /[;{}]/.test(head);
}

/** `{"token": "Hello", "logprob": -0.1}`: what language models call a token. */
export function isWordPiece(text: string, name: string | null, end: number): boolean {
  return name === "token" && text.slice(end, end + 40).includes('"logprob"');
}

/** A whole JSON or markup document. */
export function isDocument(value: string): boolean {
  return value.length > 300 && /^\s*(?:[{[]\s*["[{\d]|<[A-Za-z?!])/.test(value);
}
