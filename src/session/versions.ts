// Old format versions stay readable: a line of version n is brought to n + 1 by the converter under n, until it is
// of this build's version. Each converter has a fixture in fixtures/session.
import { TrafficError } from "../errors.js";
import { FORMAT_VERSION } from "./format.js";

/** A parsed line, before its shape is known. */
export type LineObject = Readonly<Record<string, unknown>>;

/** `converters.get(1)` takes a line of version 1 to version 2. None yet: 1 is the first. */
const converters: ReadonlyMap<number, (line: LineObject) => LineObject> = new Map();

/**
 * @param where the file and line, for the error.
 * @returns the line in this build's version, or undefined when it names no version.
 * @throws SESSION_DAMAGED for a version this build does not know.
 */
export function toCurrentVersion(line: LineObject, where: string): LineObject | undefined {
  if (line.v === FORMAT_VERSION) return line;
  if (typeof line.v !== "number" || !Number.isInteger(line.v) || line.v < 1) return undefined;
  if (line.v > FORMAT_VERSION) throw new NewerVersionError(where, line.v);
  let current = line;
  for (let version = line.v; version < FORMAT_VERSION; version++) {
    const convert = converters.get(version);
    if (convert === undefined) return undefined;
    current = convert(current);
  }
  return current;
}

/** A session that a newer trafficctl has written: nothing here may touch it. */
export class NewerVersionError extends TrafficError {
  /** @param where the file, and the line where it has some. */
  constructor(where: string, version: number) {
    const message = `${where} is of session format ${version}; this trafficctl reads up to ${FORMAT_VERSION}`;
    super("SESSION_DAMAGED", message, { hint: "use a newer trafficctl" });
  }
}
