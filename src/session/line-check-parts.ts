// The parts of line-check.ts: each says yes only to what the schema accepts in that place.
import type { Body } from "../exchange/body.js";
import { EXCHANGE_ERROR_CODES } from "../exchange/exchange.js";

/** What JSON.parse makes of an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** @returns true for a body that the schema accepts; false says nothing. */
export function isPlainBody(value: unknown): value is Body {
  if (!isFields(value) || !isCount(value.size) || !hasKeys(value, BODY_KEYS)) return false;
  if (value.chunks !== undefined && !isChunks(value.chunks)) return false;
  switch (value.kind) {
    case "empty":
    case "omitted":
      return true;
    case "text":
      return typeof value.text === "string";
    case "base64":
      return typeof value.base64 === "string";
    case "file":
      return isBodyFile(value);
    default:
      return false;
  }
}

function isBodyFile({ file, offset, stored }: Fields): boolean {
  return (
    typeof file === "string" &&
    BODY_FILE.test(file) &&
    (offset === undefined || isCount(offset)) &&
    isCount(stored)
  );
}

function isChunks(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const chunk of value) {
    if (!Array.isArray(chunk) || chunk.length !== 2) return false;
    if (!isNumber(chunk[0]) || !isCount(chunk[1])) return false;
  }
  return true;
}

export function isHeaders(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const field of value) {
    if (!Array.isArray(field) || field.length !== 2) return false;
    if (typeof field[0] !== "string" || typeof field[1] !== "string") return false;
  }
  return true;
}

export function isEndpoint(value: unknown): value is Fields {
  return (
    isFields(value) &&
    typeof value.address === "string" &&
    isCount(value.port) &&
    value.port <= 65535 &&
    (value.tls === null || isTls(value.tls))
  );
}

export function isServer(value: unknown): boolean {
  if (!isEndpoint(value) || !isInteger(value.connectionId) || typeof value.reused !== "boolean") return false;
  return value.tls === null || (isFields(value.tls) && isCertificate(value.tls.certificate));
}

function isTls(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.version === "string" &&
    typeof value.cipher === "string" &&
    (value.alpn === null || typeof value.alpn === "string") &&
    (value.sni === null || typeof value.sni === "string")
  );
}

function isCertificate(value: unknown): boolean {
  if (value === null) return true;
  return (
    isFields(value) &&
    typeof value.subject === "string" &&
    typeof value.issuer === "string" &&
    typeof value.validFrom === "string" &&
    typeof value.validTo === "string" &&
    typeof value.fingerprint256 === "string"
  );
}

export function isError(value: unknown): boolean {
  if (!isFields(value) || typeof value.code !== "string" || typeof value.message !== "string") return false;
  return ERROR_CODES.has(value.code);
}

export function isTimings(value: unknown): boolean {
  return (
    isFields(value) &&
    isPhase(value.blocked) &&
    isPhase(value.dns) &&
    isPhase(value.connect) &&
    isPhase(value.ssl) &&
    isPhase(value.send) &&
    isPhase(value.wait) &&
    isPhase(value.receive)
  );
}

function isPhase(value: unknown): boolean {
  return isNumber(value) && value >= -1;
}

export function isVersion(value: unknown): boolean {
  return value === "HTTP/1.1" || value === "HTTP/2.0" || value === "HTTP/1.0";
}

export function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

const ERROR_CODES: ReadonlySet<unknown> = new Set(EXCHANGE_ERROR_CODES);
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const BODY_FILE = /^bodies\/[A-Za-z0-9._-]+$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const BODY_KEYS = keys("kind size text base64 file offset stored chunks");
/** @param names separated by blanks. */
export function keys(names: string): ReadonlySet<string> {
  return new Set(names.split(" "));
}

/** Whether it has none but known keys. */
export function hasKeys(value: Fields, known: ReadonlySet<string>): boolean {
  for (const key in value) if (!known.has(key)) return false;
  return true;
}

export function isId(value: unknown): boolean {
  return typeof value === "string" && ID.test(value);
}

export function isTime(value: unknown): boolean {
  return typeof value === "string" && TIME.test(value);
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

export function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

export function isCount(value: unknown): value is number {
  return isInteger(value) && value >= 0;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
