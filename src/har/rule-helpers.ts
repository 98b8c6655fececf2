// What several rules ask of an entry.
import type { RawHeaders } from "../exchange/headers.js";
import type { Fault } from "./finding.js";
import { asObject, type JsonObject, kindOf } from "./repairs.js";

export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map((item: unknown) => asObject(item) ?? {}) : [];
}

/** Name and value where both are text. */
export function headersOf(message: JsonObject): RawHeaders {
  return objects(message.headers).flatMap(({ name, value }): [string, string][] =>
    typeof name === "string" && typeof value === "string" ? [[name, value]] : [],
  );
}

export function fault(path: string, message: string): Fault[] {
  return [{ path, message }];
}

/** @returns a fault for each of the keys that is not a finite number. */
export function notNumbers(object: JsonObject, path: string, keys: readonly string[]): Fault[] {
  return keys
    .filter((key) => typeof object[key] !== "number" || !Number.isFinite(object[key]))
    .map((key) => ({ path: `${path}${key}`, message: `is ${kindOf(object[key])}, not a number` }));
}

export function isDate(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

export function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
