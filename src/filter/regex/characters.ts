// Which characters a node of a pattern takes: exact for bytes, for text a superset beyond ASCII.
import { type CharSet, complement, EVERYTHING, HIGHEST, pairs, union } from "./sets.js";
import type { Category, ClassItem, ClassNode, RegexNode } from "./syntax.js";

const BYTE = 0xff;
const ASCII_SETS: Readonly<Record<Category, CharSet>> = {
  d: [0x30, 0x39],
  w: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
  s: [0x09, 0x0d, 0x20, 0x20],
};
/** Python's `str.isspace` has the information separators, which `\s` over bytes has not. */
const SPACES_OF_TEXT: CharSet = [0x09, 0x0d, 0x1c, 0x20];
/** Where in Unicode the first others are, and everything from there. */
const BEYOND_ASCII: Readonly<Record<Category, CharSet>> = {
  d: [0x660, HIGHEST],
  w: [0xaa, HIGHEST],
  s: [
    0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f,
    0x3000, 0x3000,
  ],
};
const LETTERS: readonly (readonly [number, number])[] = [
  [0x41, 0x5a],
  [0x61, 0x7a],
];

/** @returns the set of a node that takes one character; undefined for any other node. */
export function charactersOf(node: RegexNode, bytes: boolean): CharSet | undefined {
  if (node.type === "any") return node.newlines ? EVERYTHING : complement([0x0a, 0x0a], HIGHEST);
  if (node.type === "char") {
    const set: CharSet = [node.code, node.code];
    return node.fold ? folded(set, bytes) : set;
  }
  if (node.type === "class") return bytes ? bytesOf(node) : textOf(node);
  return undefined;
}

/** Exactly the bytes of a set, both cases where it ignores case. */
export function bytesOf({ items, negated, fold }: ClassNode): CharSet {
  const set = union(items.flatMap((item) => pairs(itemBytes(item, fold))));
  return negated ? complement(set, BYTE) : set;
}

function itemBytes(item: ClassItem, fold: boolean): CharSet {
  if (!("category" in item)) return fold ? folded([item.low, item.high], true) : [item.low, item.high];
  const set = ASCII_SETS[item.category];
  return item.negated ? complement(set, BYTE) : set;
}

/** All that a negated set may take beyond ASCII is left in: a superset is what the callers need. */
function textOf({ items, negated, fold }: ClassNode): CharSet {
  const set = union(items.flatMap((item) => pairs(itemText(item, fold))));
  return negated ? union([...pairs(complement(set, HIGHEST)), [0x80, HIGHEST]]) : set;
}

/** Digits, words and spaces have all cases of what they have. */
function itemText(item: ClassItem, fold: boolean): CharSet {
  if (!("category" in item)) return fold ? folded([item.low, item.high], false) : [item.low, item.high];
  const ascii = item.category === "s" && !item.ascii ? SPACES_OF_TEXT : ASCII_SETS[item.category];
  if (item.negated) return union([...pairs(complement(ascii, 0x7f)), [0x80, HIGHEST]]);
  return item.ascii ? ascii : union([...pairs(ascii), ...pairs(BEYOND_ASCII[item.category])]);
}

/** Of more characters beyond ASCII than these the other cases are not looked up. */
const FEW = 512;

/** A set with the other cases of its letters; for many letters beyond ASCII, with all letters. */
function folded(set: CharSet, bytes: boolean): CharSet {
  const both = pairs(set);
  for (const [low, high] of pairs(set)) {
    addShifted(both, Math.max(low, 0x41), Math.min(high, 0x5a), 0x20);
    addShifted(both, Math.max(low, 0x61), Math.min(high, 0x7a), -0x20);
    if (!bytes) addTextCases(both, low, high);
  }
  return union(both);
}

function addShifted(ranges: [number, number][], low: number, high: number, by: number): void {
  if (low <= high) ranges.push([low + by, high + by]);
}

function addTextCases(ranges: [number, number][], low: number, high: number): void {
  const has = (code: number): boolean => low <= code && code <= high;
  // The long s and the Kelvin sign are cases of ASCII letters.
  if (has(0x53) || has(0x73)) ranges.push([0x17f, 0x17f]);
  if (has(0x4b) || has(0x6b)) ranges.push([0x212a, 0x212a]);
  if (high < 0x80) return;
  if (high - Math.max(low, 0x80) > FEW)
    ranges.push(...LETTERS.map((each): [number, number] => [...each]), [0x80, HIGHEST]);
  else
    for (let code = Math.max(low, 0x80); code <= high; code++)
      for (const other of casesOf(code)) ranges.push([other, other]);
}

/** A character with its other cases, as single characters. */
export function casesOf(code: number): number[] {
  const char = String.fromCodePoint(code);
  const lower = char.toLowerCase();
  const upper = char.toUpperCase();
  // Some have a case only by way of another: the Kelvin sign is K by way of k.
  const all = [char, lower, upper, lower.toUpperCase(), upper.toLowerCase()].filter(
    (each) => [...each].length === 1,
  );
  return [...new Set(all)].map((each) => each.codePointAt(0)!);
}
