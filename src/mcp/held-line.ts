// A held exchange in a line.
import type { HeldSummary } from "../operations/intercept.js";

export function heldLine({ id, phase, method, url, status, since }: HeldSummary): string {
  return `${id}  ${phase}  ${method} ${url}${status === null ? "" : `  ${status}`}  since ${since}`;
}
