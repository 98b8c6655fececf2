// What `trafficctl ca ...` says to a person.
import type { CaFacts, Trust } from "../operations/ca.js";
import type { CaInstallResult } from "../operations/ca-install.js";

/** One line for each fact, aligned. */
export function describe(facts: CaFacts): string {
  const rows: [string, string][] = [
    ["subject", facts.subject],
    ["valid", `${facts.validFrom.slice(0, 10)} to ${facts.validTo.slice(0, 10)}`],
    ["serial", facts.serialNumber],
    ["key", facts.keyType === "ec" ? "EC" : "RSA"],
    ["SHA-256", facts.fingerprint256],
    ["SPKI SHA-256", facts.spkiFingerprint],
    ["path", facts.path],
    ["trusted", trusted(facts.trustedBySystem)],
  ];
  return rows.map(([label, value]) => `${label.padEnd(14)}${value}`).join("\n");
}

function trusted(trust: Trust): string {
  return { yes: "by this system", no: "not by this system", unknown: "unknown" }[trust];
}

/** @param done `installed` or `uninstalled` */
export function describeInstall(result: CaInstallResult, done: string): string {
  if (result.commands.length === 0)
    return "nothing to do: the system's trust store has no certificate of this CA";
  if (result.dryRun) return result.commands.join("\n");
  return `${done} (${result.store}); the CA is now trusted ${trusted(result.trustedBySystem)}`;
}
