// The colours of an exchange's fields, the same wherever one is shown.
import type { ExchangeFacts } from "../exchange/facts.js";
import type { Colours } from "./print.js";

/** @param text the cell, at its final width. */
export function paintField(name: string, text: string, facts: ExchangeFacts, colours: Colours): string {
  switch (name) {
    case "status":
      return statusColour(facts.status, facts.error !== null, colours)(text);
    case "method":
      return colours.bold(text);
    case "error":
    case "errorMessage":
      return colours.red(text);
    case "startedAt":
    case "type":
    case "id":
    case "seq":
    case "duration":
      return colours.dim(text);
    default:
      return text;
  }
}

export function statusColour(
  status: number | null,
  failed: boolean,
  colours: Colours,
): (text: string) => string {
  if (failed) return colours.red.bold;
  const code = status ?? 0;
  if (code >= 500) return colours.red;
  if (code >= 400) return colours.yellow;
  if (code >= 300) return colours.cyan;
  return colours.green;
}
