// A search asks whether a pattern matches somewhere, not where it begins and ends. So a repetition at either end needs
// no more than its fewest turns: `.*api.*` asks for `api`, `\s+$` for `\s$`. What goes is what costs most.
import type { Regex, RegexNode } from "./syntax.js";

export function simplifyForSearch(regex: Regex): Regex {
  // A backreference asks for the very text that a group took.
  if (regex.referenced.size > 0) return regex;
  const items = regex.root.type === "sequence" ? [...regex.root.items] : [regex.root];
  shortenAt(items, 0);
  shortenAt(items, items.length - 1);
  const kept = items.filter((item) => item.type !== "repeat" || item.max > 0);
  return { ...regex, root: kept.length === 1 ? kept[0]! : { type: "sequence", items: kept } };
}

function shortenAt(items: RegexNode[], index: number): void {
  const item = items[index];
  if (item?.type !== "repeat" || item.mode === "possessive" || item.max === 0) return;
  items[index] = item.min === 1 ? item.node : { ...item, max: item.min };
}
