// The version of this package, as package.json has it.
import { createRequire } from "node:module";

export const VERSION = readVersion();

/** The package refers to itself by name, so that the place is right from source and from dist alike. */
function readVersion(): string {
  const parsed: unknown = createRequire(import.meta.url)("trafficctl/package.json");
  if (
    typeof parsed === "object" &&
    parsed !== null &&
    "version" in parsed &&
    typeof parsed.version === "string"
  ) {
    return parsed.version;
  }
  return "0.0.0";
}
