// When an entry began and how long its phases took.
import type { Timings } from "../exchange/timings.js";
import { rounded, totalTime } from "./entry-timings.js";
import { asObject, type FieldReader, type JsonObject } from "./repairs.js";

/** @returns ISO 8601, UTC, milliseconds. */
export function readStart(entry: JsonObject, reader: FieldReader): string {
  const text = entry.startedDateTime;
  const time = typeof text === "string" || typeof text === "number" ? new Date(text).getTime() : Number.NaN;
  if (time >= 0 && time <= LATEST) {
    if (typeof text === "string" && !/(?:Z|[+-]\d\d:?\d\d)\s*$/i.test(text)) {
      reader.note("startedDateTime", "names no time zone; taken as local time");
    }
    return new Date(time).toISOString();
  }
  reader.note(
    "startedDateTime",
    `is not a date: ${String(JSON.stringify(text)).slice(0, 60)}; taken as 1970`,
  );
  return new Date(0).toISOString();
}

const LATEST = Date.UTC(9999, 11, 31);

/** @param isSecure whether it went over TLS: Playwright writes an `ssl` for what did not. */
export function readTimings(
  entry: JsonObject,
  isSecure: boolean,
  reader: FieldReader,
): { readonly timings: Timings; readonly duration: number } {
  const from = asObject(entry.timings);
  const time = readTime(entry, reader);
  if (from === undefined) {
    reader.note("timings", "is missing; all of the time was taken as waiting");
    return { timings: { ...NOTHING, wait: time }, duration: time };
  }
  const timings: Timings = {
    blocked: optional(from, "blocked", reader),
    dns: optional(from, "dns", reader),
    connect: optional(from, "connect", reader),
    ssl: optional(from, "ssl", reader),
    send: Math.max(needed(from, "send", reader), 0),
    wait: Math.max(needed(from, "wait", reader), 0),
    receive: Math.max(needed(from, "receive", reader), 0),
  };
  const whole = { ...timings, ...connectWithSsl(timings, time, isSecure) };
  const total = totalTime(whole);
  if (total === 0 && time > 0) return { timings: { ...whole, wait: time }, duration: time };
  return { timings: whole, duration: Math.max(time, total) };
}

/** In HAR, `connect` includes `ssl`. In Firefox it does not: there, `time` is the sum of both. */
function connectWithSsl(timings: Timings, time: number, isSecure: boolean): Pick<Timings, "connect" | "ssl"> {
  const { connect, ssl } = timings;
  if (!isSecure) return { connect, ssl: -1 };
  if (connect < 0 || ssl <= 0) return { connect, ssl };
  const total = totalTime(timings);
  const isApart = ssl > connect || Math.abs(time - total - ssl) < Math.min(Math.abs(time - total), 0.5);
  return { connect: isApart ? connect + ssl : connect, ssl };
}

const NOTHING: Timings = { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 0, receive: 0 };

/** Playwright leaves -1 where nothing was measured. */
function readTime(entry: JsonObject, reader: FieldReader): number {
  const time = reader.number(entry, "time", "", 0);
  if (time < -1) reader.note("time", `is ${time}; taken as 0`);
  return rounded(Math.min(Math.max(time, 0), LONGEST));
}

function optional(from: JsonObject, key: string, reader: FieldReader): number {
  return from[key] === undefined || from[key] === null ? -1 : phase(reader.number(from, key, "timings", -1));
}

function needed(from: JsonObject, key: string, reader: FieldReader): number {
  return phase(reader.number(from, key, "timings", 0));
}

/** Milliseconds; some tools write another negative number than -1. A thousand years is none that was measured. */
function phase(ms: number): number {
  return ms < 0 || ms > LONGEST ? -1 : rounded(ms);
}

const LONGEST = 1000 * 366 * 86_400_000;
