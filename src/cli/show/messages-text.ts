// A WebSocket's messages as a conversation.
import type { ShownMessage } from "../../operations/show.js";
import { timeOfDay } from "../local-time.js";
import { printable } from "../printable.js";
import type { TextOptions } from "../text-options.js";
import { formatSize } from "../units.js";
import { describeContent } from "./content-text.js";

/** RFC 6455 section 11.8. */
const OPCODES: Readonly<Record<number, string>> = {
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

export function describeMessages(
  messages: readonly ShownMessage[],
  further: number,
  options: TextOptions,
): string {
  const { colours } = options;
  const lines = messages.map(({ message, view }) => {
    const isSent = message.direction === "send";
    const arrow = isSent ? colours.green("→") : colours.blue("←");
    const facts = [OPCODES[message.opcode] ?? `opcode ${message.opcode}`, formatSize(message.body.size)];
    if (message.compressed === true) facts.push("compressed");
    if (message.body.truncated !== undefined)
      facts.push(colours.yellow(`cut off: ${message.body.truncated}`));
    const when = colours.dim(timeOfDay(new Date(message.time)));
    const head = `${when} ${arrow} ${printable(facts[0]!)} ${colours.dim(facts.slice(1).join(", "))}`;
    if (view.kind === "empty") return `${head}\n`;
    const body = message.opcode === 8 && view.kind !== "text" ? "" : describeContent(view, options);
    return `${head}\n${body.replace(/^(?=.)/gm, "    ")}`;
  });
  if (further > 0) lines.push(colours.dim(`and ${further} more messages; --body gives all of them\n`));
  return lines.join("");
}
