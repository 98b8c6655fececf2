// How the time of a backtracking search grows with its input, in the worst case. Where a text can be read in two ways
// by a loop, the ways double with each turn; where it can be divided between two loops, each adds a power
// (Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers", 2016).
import { type Automaton, automatonOf, edge } from "./automaton.js";
import { componentsOf } from "./components.js";
import { type CharSet, EVERYTHING, intersection, overlaps, pairs, union } from "./sets.js";
import type { Regex, RegexNode } from "./syntax.js";

/** Steps of a search in an input of n characters: at most about ways * n^power. */
export interface Cost {
  /** 1 for a search that reads each character a fixed number of times, Infinity for an exponential one. */
  readonly power: number;
  /** Choices outside of loops multiply: `a?a?a?` followed by an `a`. */
  readonly ways: number;
  /**
   * Places from which two ways lead on with the same character. V8's compiler takes a time that grows with about the
   * fifth power of their number where they follow each other: 35 ms for 20, 3.5 s for 40 (Node 20.20).
   */
  readonly branches: number;
}

const LARGEST_LOOP = 40;
const MOST_LOOPS = 24;

export function worstCost(regex: Regex): Cost {
  const automaton = automatonOf(regex.root, regex.bytes);
  if (automaton === undefined)
    return { power: Number.POSITIVE_INFINITY, ways: 1, branches: Number.POSITIVE_INFINITY };
  const { sets, next } = automaton;
  const loops = componentsOf(sets.length, (position) => next[position]!).filter(([first, ...more]) =>
    more.length > 0 ? true : next[first!]!.has(first!),
  );
  const inLoops = new Set(loops.flat());
  const branching = [...next.keys()].filter(
    (position) => !next[position]!.has(position) && hasOverlap([...next[position]!], sets),
  );
  const atStart = hasOverlap(automaton.first, sets) ? 1 : 0;
  const branches = atStart + branching.length;
  if (loops.length > MOST_LOOPS || loops.some((members) => isAmbiguous(automaton, members))) {
    return { power: Number.POSITIVE_INFINITY, ways: 1, branches };
  }
  const power = 1 + longestChain(automaton, loops, !startsAtTextStart(regex.root));
  return {
    power,
    ways: 2 ** (atStart + branching.filter((position) => !inLoops.has(position)).length),
    branches,
  };
}

function hasOverlap(positions: readonly number[], sets: readonly CharSet[]): boolean {
  const ranges = positions.flatMap((position) => pairs(sets[position]!)).sort((a, b) => a[0] - b[0]);
  return ranges.some(([low], i) => i > 0 && low <= ranges[i - 1]![1]);
}

/** Whether a text leads from a position of a loop back to it in two ways. */
function isAmbiguous({ sets, next, doubled }: Automaton, members: readonly number[]): boolean {
  const inside = new Set(members);
  if (members.some((from) => members.some((to) => doubled.has(edge(from, to))))) return true;
  if (members.length > LARGEST_LOOP) return true;
  const count = members.length;
  const pairsOf = componentsOf(count * count, (pair) => {
    const [a, b] = [members[Math.floor(pair / count)]!, members[pair % count]!];
    const found: number[] = [];
    for (const x of next[a]!) {
      if (!inside.has(x)) continue;
      for (const y of next[b]!) {
        if (inside.has(y) && overlaps(sets[x]!, sets[y]!))
          found.push(members.indexOf(x) * count + members.indexOf(y));
      }
    }
    return found;
  });
  const isSame = (pair: number): boolean => Math.floor(pair / count) === pair % count;
  return pairsOf.some((component) => component.some(isSame) && !component.every(isSame));
}

/** The most loops, one behind the other, between which a text can be divided. The search itself is the first. */
function longestChain(
  automaton: Automaton,
  loops: readonly (readonly number[])[],
  searches: boolean,
): number {
  const alphabets = loops.map((members) =>
    union(members.flatMap((member) => pairs(automaton.sets[member]!))),
  );
  const chains = new Map<number, number>();
  const chainFrom = (loop: number): number => {
    const known = chains.get(loop);
    if (known !== undefined) return known;
    const begin = loops[loop]!.flatMap((member) => [...automaton.next[member]!]);
    const longest = longestFrom(begin, alphabets[loop]!, loop);
    chains.set(loop, longest);
    return longest;
  };
  const longestFrom = (begin: readonly number[], alphabet: CharSet, from: number): number => {
    let longest = 0;
    for (const [to, members] of loops.entries()) {
      if (to === from) continue;
      const shared = intersection(alphabet, alphabets[to]!);
      if (shared.length === 0 || !leadsTo(automaton, begin, members, shared)) continue;
      longest = Math.max(longest, 1 + chainFrom(to));
    }
    return longest;
  };
  if (searches) return longestFrom(automaton.first, EVERYTHING, -1);
  return Math.max(0, ...loops.map((_, loop) => chainFrom(loop)));
}

/** Whether a text of `shared` characters alone leads from one of `begin` into the loop. */
function leadsTo(
  { sets, next }: Automaton,
  begin: readonly number[],
  members: readonly number[],
  shared: CharSet,
): boolean {
  const targets = new Set(members);
  const seen = new Set<number>();
  const waiting = [...begin];
  for (let position = waiting.pop(); position !== undefined; position = waiting.pop()) {
    if (seen.has(position) || !overlaps(sets[position]!, shared)) continue;
    if (targets.has(position)) return true;
    seen.add(position);
    waiting.push(...next[position]!);
  }
  return false;
}

function startsAtTextStart(node: RegexNode): boolean {
  switch (node.type) {
    case "assertion":
      return node.what === "text-start";
    case "sequence":
      return node.items.length > 0 && startsAtTextStart(node.items[0]!);
    case "either":
      return node.options.every(startsAtTextStart);
    case "group":
    case "atomic":
      return startsAtTextStart(node.node);
    default:
      return false;
  }
}
