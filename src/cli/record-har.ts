// `record --har FILE`: the HAR that is written when the recording has ended.
import { resolve } from "node:path";
import { TrafficError } from "../errors.js";
import type { HarAtEnd, HarOutcome } from "../operations/record-until.js";
import { redactionOf, reportExport } from "./export-report.js";
import { warn } from "./output.js";
import type { RecordFlags } from "./record-options.js";

/** @throws BAD_OPTION, and what a policy file that is not right throws: before anything is recorded. */
export async function harAtEnd(flags: RecordFlags): Promise<HarAtEnd | undefined> {
  const { har, policy } = flags;
  if (har === undefined) {
    if (flags.redact && policy === undefined) return undefined;
    throw new TrafficError(
      "BAD_OPTION",
      `${policy === undefined ? "--no-redact" : "--policy"} is about --har FILE`,
      {
        hint: "a session keeps everything; what is exported of it is redacted",
      },
    );
  }
  if (har === "-") {
    throw new TrafficError("BAD_OPTION", "--har needs a file: stdout belongs to the command", {
      hint: "afterwards, 'trafficctl export -o -' writes to stdout",
    });
  }
  const redact = await redactionOf(flags);
  return { path: resolve(har), ...(redact === undefined ? {} : { redact }) };
}

/** On stderr. @param quiet only what went wrong */
export function reportHar(outcome: HarOutcome, quiet: boolean): void {
  if ("error" in outcome) {
    const { message, hint } = outcome.error;
    warn(`error: no HAR was written: ${message}${hint === undefined ? "" : `\n  ${hint}`}`);
  } else if (!quiet) reportExport(outcome.report);
}
