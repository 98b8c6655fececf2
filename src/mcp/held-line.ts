// A held exchange in lists: as data, and in a line.
import { z } from "zod";
import type { HeldSummary } from "../operations/intercept.js";
import { COUNT, MAYBE_COUNT, MAYBE_TEXT, TEXT } from "./output.js";

export const HELD = z.object({
  id: COUNT,
  phase: z.enum(["request", "response"]),
  since: TEXT,
  method: TEXT,
  url: TEXT,
  status: MAYBE_COUNT,
  exchange: MAYBE_TEXT.describe("Its id in the session"),
});

export function heldLine({ id, phase, method, url, status, since }: HeldSummary): string {
  return `${id}  ${phase}  ${method} ${url}${status === null ? "" : `  ${status}`}  since ${since}`;
}
