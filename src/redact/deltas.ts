// Finds secrets that a stream gave piece by piece: server-sent events, lines of JSON, WebSocket messages. The strings
// at the same path of the events of a stream are read as one text; what is found there is replaced by a placeholder
// in the first piece, and leaves the others.

import { looksLikeJson } from "./find-content.js";
import { findJson } from "./find-json.js";
import { decodeJson, encodeJson } from "./json-escapes.js";
import { JsonStrings } from "./json-strings.js";
import type { Scan } from "./scan.js";

/** A part of a text that continues the part before it in the same stream. */
interface Piece {
  readonly scan: Scan;
  readonly start: number;
  readonly end: number;
  readonly json: boolean;
}

export function findDeltas(scan: Scan, from: number, to: number, form: "events" | "lines"): void {
  const deltas = new Deltas();
  if (form === "lines") eachLine(scan.text, from, to, (start, end) => deltas.add(scan, start, end));
  else {
    let lines: [number, number][] = [];
    eachLine(scan.text, from, to, (start, end) => {
      if (end > start) {
        if (scan.text.startsWith("data:", start)) {
          lines.push([Math.min(scan.text[start + 5] === " " ? start + 6 : start + 5, end), end]);
        }
        return;
      }
      deltas.addLines(scan, lines);
      lines = [];
    });
    deltas.addLines(scan, lines);
  }
  deltas.finish();
}

export class Deltas {
  readonly #strings = new JsonStrings();
  /** By path and by what tells parallel streams apart (`index`), and by path alone. */
  readonly #exact = new Map<string, Piece[]>();
  readonly #loose = new Map<string, Piece[]>();
  readonly #separate: Piece[][] = [];

  /** One event whose data is this part of the text. */
  add(scan: Scan, start: number, end: number): void {
    if (start >= end) return;
    if (!looksLikeEvent(scan.text.slice(start, Math.min(end, start + 200)))) {
      this.#push(this.#exact, "", { scan, start, end, json: false });
      return;
    }
    this.#strings.visit(scan.text, start, end, (path, stream, from, to, name) => {
      // Under a name that says secret, each piece is replaced as it is.
      if (scan.work.names.of(name) === "secret") return;
      const piece = { scan, start: from, end: to, json: true };
      this.#push(this.#exact, `${path} ${stream}`, piece);
      this.#push(this.#loose, `${path}`, piece);
    });
    this.#parts.push({ scan, start, end, json: true });
  }

  /** One event whose data came in several lines. */
  addLines(scan: Scan, lines: readonly (readonly [start: number, end: number])[]): void {
    if (lines.length <= 1) {
      for (const [start, end] of lines) this.add(scan, start, end);
      return;
    }
    this.#separate.push(lines.map(([start, end]) => ({ scan, start, end, json: false })));
    if (looksLikeEvent(scan.text.slice(lines[0]![0], lines[0]![0] + 200))) return;
    for (const [start, end] of lines) this.#push(this.#exact, "", { scan, start, end, json: false });
  }

  readonly #parts: Piece[] = [];

  /** Looks into everything that was added. */
  finish(): void {
    for (const pieces of this.#separate) findAcross(pieces, "\n");
    const divided = new Map<string, number>();
    for (const [key, pieces] of this.#exact) {
      const path = key.slice(0, key.indexOf(" "));
      divided.set(path, (divided.get(path) ?? 0) + 1);
      findAcross(pieces, "");
    }
    for (const [path, pieces] of this.#loose) if ((divided.get(path) ?? 0) > 1) findAcross(pieces, "");
    for (const { scan, start, end } of this.#parts) findJson(scan, start, end);
  }

  #push(groups: Map<string, Piece[]>, key: string, piece: Piece): void {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [piece]);
    else group.push(piece);
  }
}

/** JSON, or JSON behind the number of a frame (`42["event", ...]`). */
export function looksLikeEvent(head: string): boolean {
  return looksLikeJson(head.replace(/^\d{1,6}(?:-|\/[\w-]{0,40},)?(?=[[{])/, ""));
}

function findAcross(pieces: readonly Piece[], between: string): void {
  const first = pieces[0];
  if (first === undefined) return;
  const values = pieces.map(({ scan, start, end, json }) => {
    const raw = scan.text.slice(start, end);
    return json ? decodeJson(raw) : raw;
  });
  if (pieces.length === 1 && first.json) return;
  // An id or a model's name that every event repeats is no text in pieces.
  if (first.json && values.every((value) => value === values[0])) return;
  const joined = values.join(between);
  const inner = first.scan.work.joined(joined);
  if (inner.length === 0) return;
  let place = 0;
  let next = 0;
  pieces.forEach((piece, index) => {
    const value = values[index]!;
    const end = place + value.length;
    let cleaned = "";
    let done = place;
    while (next < inner.length && inner[next]!.start < end) {
      const { start, end: stop, text } = inner[next]!;
      if (start >= place) cleaned += joined.slice(done, start) + text;
      done = Math.min(Math.max(done, stop), end);
      if (stop > end) break;
      next++;
    }
    cleaned += joined.slice(done, end);
    if (cleaned !== value)
      piece.scan.rewrite(piece.start, piece.end, piece.json ? encodeJson(cleaned) : cleaned);
    place = end + between.length;
  });
}

function eachLine(text: string, from: number, to: number, line: (start: number, end: number) => void): void {
  // Some senders end lines with a carriage return alone (the event stream format allows it).
  const ending = text.indexOf("\n", from) === -1 ? "\r" : "\n";
  let start = from;
  while (start < to) {
    let end = text.indexOf(ending, start);
    if (end === -1 || end > to) end = to;
    line(start, text[end - 1] === "\r" && end > start ? end - 1 : end);
    start = end + 1;
  }
}
