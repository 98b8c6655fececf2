// Says what an export replaced, and what it means when it replaced nothing on purpose.
import type { RedactionReport } from "../operations/redaction.js";
import { warn } from "./output.js";
import { plural } from "./plural.js";

/** On stderr. */
export function reportRedaction(report: RedactionReport | null): void {
  if (report === null) {
    warn("warning: not redacted (--no-redact): it holds cookies, tokens and passwords as they were sent");
    return;
  }
  if (report.total === 0) {
    warn("redacted: nothing that looks like a secret was found");
    return;
  }
  const kinds = Object.entries(report.kinds).map(([kind, count]) => `${kind} ${count}`);
  const secrets = plural(report.secrets, "different secret");
  warn(`redacted: ${plural(report.total, "place")}, ${secrets} (${kinds.join(", ")})`);
  if (report.forgone > 0) {
    warn(
      `warning: there were too many secrets to look for all of them everywhere: ${report.forgone} only in their own place`,
    );
  }
}
