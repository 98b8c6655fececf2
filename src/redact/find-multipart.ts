// Finds secrets in multipart bodies: form fields by their names, and the parts by their own media types.
import type { Scan } from "./scan.js";

type FindPart = (start: number, end: number, contentType: string) => void;

export function findMultipart(
  scan: Scan,
  from: number,
  to: number,
  contentType: string,
  findPart: FindPart,
): void {
  const { text } = scan;
  const boundary =
    boundaryOf(contentType) ?? /^\s*--([^\s]{1,100})\r?\n/.exec(text.slice(from, from + 200))?.[1];
  if (boundary === undefined) {
    findPart(from, to, "text/plain");
    return;
  }
  const mark = `--${boundary}`;
  let at = text.indexOf(mark, from);
  while (at !== -1 && at < to) {
    const headStart = at + mark.length;
    const next = text.indexOf(mark, headStart);
    const partEnd = next === -1 || next > to ? to : next;
    onePart(scan, headStart, partEnd, findPart);
    at = next;
  }
}

function onePart(scan: Scan, start: number, end: number, findPart: FindPart): void {
  const { text } = scan;
  const blank = /\r?\n\r?\n/g;
  blank.lastIndex = start;
  const match = blank.exec(text.slice(0, Math.min(end, start + 16_384)));
  if (match === null) return;
  const head = text.slice(start, match.index);
  const bodyStart = blank.lastIndex;
  let bodyEnd = end;
  if (text[bodyEnd - 1] === "\n") bodyEnd--;
  if (text[bodyEnd - 1] === "\r") bodyEnd--;
  if (bodyEnd <= bodyStart) return;
  const name = /\bname="([^"]*)"|\bname=([^\s;"]+)/i.exec(head);
  const field = name?.[1] ?? name?.[2] ?? "";
  const value = text.slice(bodyStart, bodyEnd);
  if (field !== "" && scan.field(field, bodyStart, bodyEnd, "form", value, true)) return;
  findPart(bodyStart, bodyEnd, /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? "");
}

function boundaryOf(contentType: string): string | undefined {
  const match = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}
