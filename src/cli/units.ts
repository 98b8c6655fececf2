// Sizes and durations as people write and read them.
import { TrafficError } from "../errors.js";

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1024 ** 4,
  tib: 1024 ** 4,
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  "": 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** @returns bytes of `512`, `64k`, `10MB`, `1.5GiB` (powers of 1024). @throws TrafficError BAD_OPTION */
export function parseSize(text: string, flag: string): number {
  return Math.round(
    parseUnits(text, SIZE_UNITS, `${flag} ${text} is no size`, "write bytes or a unit: 512, 64KB, 10MB, 1GB"),
  );
}

/** @returns milliseconds of `500ms`, `30s`, `5m`, `1h`; a bare number is seconds. @throws TrafficError BAD_OPTION */
export function parseDuration(text: string, flag: string): number {
  return parseUnits(
    text,
    DURATION_UNITS,
    `${flag} ${text} is no duration`,
    "write a number and a unit: 500ms, 30s, 5m, 1h",
  );
}

function parseUnits(
  text: string,
  units: Readonly<Record<string, number>>,
  problem: string,
  hint: string,
): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : units[match[2]!.toLowerCase()];
  if (match === null || unit === undefined) throw new TrafficError("BAD_OPTION", problem, { hint });
  return Number(match[1]) * unit;
}

/** `0 B`, `1.5 KB`, `12 MB`: at most three significant digits. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  for (const unit of ["KB", "MB", "GB", "TB"]) {
    value /= 1024;
    if (value < 999.5 || unit === "TB") return `${threeDigits(value)} ${unit}`;
  }
  return `${bytes} B`;
}

/** `4.2 ms`, `310 ms`, `1.25 s`, `2 m 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  if (ms < 60_000) return `${threeDigits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} m`;
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2).replace(/\.?0+$/, "");
}
