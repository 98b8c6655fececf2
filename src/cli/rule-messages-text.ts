// What rules did, or would do, to the messages of WebSockets, as text.
import type { TestedMessage, TestedMessages } from "../operations/rules/test-rules.js";
import { plural } from "./plural.js";
import { printable } from "./printable.js";
import type { TextOptions } from "./text-options.js";
import { formatSize } from "./units.js";

interface Counts {
  readonly changed: number;
  readonly dropped: number;
  readonly injected: number;
}

type Content = TestedMessage["content"];

/** `3 changed, 1 dropped`. */
export function countsText({ changed, dropped, injected }: Counts): string {
  const counts = [
    ...(changed === 0 ? [] : [`${changed} changed`]),
    ...(dropped === 0 ? [] : [`${dropped} dropped`]),
    ...(injected === 0 ? [] : [`${injected} injected`]),
  ];
  return counts.length === 0 ? "none changed" : counts.join(", ");
}

export function totalsText(totals: Counts & { readonly seen: number; readonly unseen: number }): string {
  const unseen = totals.unseen === 0 ? "" : `; ${totals.unseen} not looked at (too long, or not all there)`;
  return `of ${plural(totals.seen, "message")} ${countsText(totals)}${unseen}`;
}

const SHOWN_CHARACTERS = 200;

export function contentText(content: Content): string {
  const isText = "text" in content;
  const all = isText ? JSON.stringify(content.text) : `base64 ${content.base64}`;
  const shown = all.slice(0, SHOWN_CHARACTERS);
  const isCut = content.cut === true || shown.length < all.length;
  return isCut ? `${printable(shown)}… (${formatSize(content.size)})` : printable(shown);
}

export function testedMessagesText(messages: TestedMessages, { colours }: TextOptions): string[] {
  const { shown } = messages;
  const lines = shown.flatMap((message) => messageLines(message, colours));
  return [totalsText(messages), ...lines];
}

function messageLines(message: TestedMessage, colours: TextOptions["colours"]): string[] {
  const { seq, direction, content, outcome, after, injected, rules, notes } = message;
  const number = seq === null ? "" : `${seq} `;
  const becomes = {
    kept: colours.dim("passes as it is"),
    changed: `becomes ${colours.green(after === null ? "" : kindText(after.opcode, message.opcode) + contentText(after.content))}`,
    dropped: colours.yellow("is dropped"),
  }[outcome];
  return [
    `  ${number}${direction} ${contentText(content)} ${becomes}`,
    ...injected.map(
      (each) => `    ${colours.green(`+ ${each.direction} ${contentText(each.content)}`)} behind it`,
    ),
    ...rules.map((rule) => `    ${printable(rule.name)}: ${OUTCOMES[rule.outcome]}`),
    ...notes.map((note) => `    note: ${printable(note)}`),
  ];
}

const OUTCOMES: Readonly<Record<TestedMessage["rules"][number]["outcome"], string>> = {
  acts: "acts",
  "other-direction": "is for the other direction",
  "no-match": "does not match its text",
};

function kindText(now: number, before: number): string {
  return now === before ? "" : now === 2 ? "a binary message " : "a text message ";
}
