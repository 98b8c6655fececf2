// Held exchanges as text.
import { messageText } from "../operations/intercept/message-text.js";
import type { HeldList, HeldSummary, ShownHeld } from "../operations/intercept.js";
import { printable, printableLine, printableText } from "./printable.js";
import { renderTable } from "./table.js";
import type { TextOptions } from "./text-options.js";
import { formatDuration } from "./units.js";

export function heldTable({ filter, held }: HeldList, { colours, width }: TextOptions): string {
  const holds = filter === null ? "no filter is set" : `filter ${printableLine(filter)}`;
  if (held.length === 0) return `nothing is held (${holds})\n`;
  return renderTable(
    held,
    [
      { title: "ID", value: ({ id }) => String(id), align: "right" },
      { title: "AT", value: ({ phase }) => phase, paint: (text) => colours.yellow(text) },
      { title: "HELD FOR", value: heldFor, align: "right" },
      { title: "METHOD", value: ({ method }) => printable(method) },
      { title: "STATUS", value: ({ status }) => (status === null ? "" : String(status)), align: "right" },
      { title: "URL", value: ({ url }) => printable(url), minWidth: 20 },
    ],
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

export function heldLine({ id, phase, method, url, status }: HeldSummary): string {
  return `${id}: ${phase} ${printable(method)} ${printable(url)}${status === null ? "" : ` ${status}`}\n`;
}

export function heldText(held: ShownHeld, { colours }: TextOptions): string {
  const note =
    held.decided === "continues" ? "" : `${colours.yellow(`a rule has decided it: ${held.decided}`)}\n`;
  const text = printableText(messageText(held, []).toString("utf8"));
  return `${note}${text}${text.endsWith("\n") ? "" : "\n"}`;
}

function heldFor({ since }: HeldSummary): string {
  return formatDuration(Math.max(1, Math.ceil((Date.now() - Date.parse(since)) / 1000)) * 1000);
}
