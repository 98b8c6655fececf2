// What `export` and `record --har` share: how secrets are to be treated, and what is said of the file.
import { TrafficError } from "../errors.js";
import type { ExportReport } from "../operations/export-har.js";
import type { Policy } from "../operations/redaction.js";
import { warn } from "./output.js";
import { reportRedaction } from "./redaction-report.js";
import { warnOfReports } from "./source-reports.js";

interface RedactionFlags {
  /** False with --no-redact. */
  readonly redact: boolean;
  readonly policy?: string;
}

/** @throws BAD_OPTION, and what a policy file that is not right throws. */
export async function redactionOf({ redact, policy }: RedactionFlags): Promise<Policy | "off" | undefined> {
  if (!redact && policy !== undefined) {
    throw new TrafficError("BAD_OPTION", "--policy and --no-redact exclude each other");
  }
  if (!redact) return "off";
  if (policy === undefined) return undefined;
  return await (await import("../operations/redaction.js")).readPolicy(policy);
}

/** On stderr. */
export function reportExport(report: ExportReport): void {
  const { path, entries, tunnels, leftOut, partialBodies, missingBodies, unknownIds } = report;
  if (path !== null) warn(`${path}: ${entries} ${entries === 1 ? "entry" : "entries"}`);
  if (tunnels > 0) warn(`${tunnels} tunnels are not in it: nothing of HTTP was seen in them`);
  if (leftOut > 0) warn(`${leftOut} more matched and are not in it (--limit)`);
  if (partialBodies > 0) warn(`${partialBodies} bodies are not complete; their entries say so`);
  if (missingBodies > 0) warn(`${missingBodies} bodies are not in it; their entries say why`);
  if (unknownIds.length > 0) warn(`warning: no exchange has the id ${unknownIds.slice(0, 10).join(", ")}`);
  reportRedaction(report.redaction);
  warnOfReports(report.sources);
}
