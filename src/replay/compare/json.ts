// Compares two JSON documents member by member.
import { jsonText, jsonType } from "./json-parse.js";
import { type PointerTest, pointerOf } from "./pointers.js";
import { type BodyDifference, excerpt, type JsonDifference, MOST_DIFFERENCES } from "./types.js";

export interface JsonRules {
  readonly ignores: PointerTest;
  /** The order of a list's items does not count. */
  readonly unordered: boolean;
}

/** @param before, after as `parseJson` gives them, no deeper than it allows. @returns null where nothing differs */
export function compareJson(before: unknown, after: unknown, rules: JsonRules): BodyDifference | null {
  const walk = new JsonWalk(rules);
  walk.compare(before, after, []);
  const { differences, further } = walk;
  return differences.length === 0 ? null : { kind: "json", differences, further };
}

class JsonWalk {
  readonly differences: JsonDifference[] = [];
  further = 0;
  readonly #rules: JsonRules;

  constructor(rules: JsonRules) {
    this.#rules = rules;
  }

  compare(before: unknown, after: unknown, steps: readonly string[]): void {
    if (this.#rules.ignores(steps)) return;
    if (isList(before) && isList(after)) {
      if (this.#rules.unordered) this.#bags(before, after, steps);
      else this.#lists(before, after, steps);
    } else if (isObject(before) && isObject(after)) this.#objects(before, after, steps);
    else if (before !== after) this.#differ("changed", steps, before, after);
  }

  #objects(before: JsonObject, after: JsonObject, steps: readonly string[]): void {
    for (const name of Object.keys(before)) {
      const place = [...steps, name];
      if (Object.hasOwn(after, name)) this.compare(before[name], after[name], place);
      else this.#one("removed", before[name], place);
    }
    for (const name of Object.keys(after)) {
      if (!Object.hasOwn(before, name)) this.#one("added", after[name], [...steps, name]);
    }
  }

  #lists(before: readonly unknown[], after: readonly unknown[], steps: readonly string[]): void {
    const both = Math.min(before.length, after.length);
    for (let at = 0; at < both; at++) this.compare(before[at], after[at], [...steps, String(at)]);
    for (let at = both; at < before.length; at++) this.#one("removed", before[at], [...steps, String(at)]);
    for (let at = both; at < after.length; at++) this.#one("added", after[at], [...steps, String(at)]);
  }

  /** Items that have their like on the other side are taken off in pairs. */
  #bags(before: readonly unknown[], after: readonly unknown[], steps: readonly string[]): void {
    const left = new Map<string, number[]>();
    for (const [at, item] of after.entries()) {
      const key = this.#key(item, [...steps, String(at)]);
      const places = left.get(key);
      if (places === undefined) left.set(key, [at]);
      else places.push(at);
    }
    for (const places of left.values()) places.reverse();
    for (const [at, item] of before.entries()) {
      const like = left.get(this.#key(item, [...steps, String(at)]))?.pop();
      if (like === undefined) this.#one("removed", item, [...steps, String(at)]);
    }
    const added = [...left.values()].flat().sort((a, b) => a - b);
    for (const at of added) this.#one("added", after[at], [...steps, String(at)]);
  }

  /** The same for items that count as the same. */
  #key(value: unknown, steps: readonly string[]): string {
    if (this.#rules.ignores(steps)) return "";
    if (isList(value)) {
      const keys = value.map((item, at) => this.#key(item, [...steps, String(at)]));
      return `[${(this.#rules.unordered ? keys.sort() : keys).join(",")}]`;
    }
    if (!isObject(value)) return jsonText(value);
    const members = Object.keys(value)
      .filter((name) => !this.#rules.ignores([...steps, name]))
      .sort()
      .map((name) => `${JSON.stringify(name)}:${this.#key(value[name], [...steps, name])}`);
    return `{${members.join(",")}}`;
  }

  #one(change: "added" | "removed", value: unknown, steps: readonly string[]): void {
    if (this.#rules.ignores(steps)) return;
    this.#differ(change, steps, value, value);
  }

  #differ(change: JsonDifference["change"], steps: readonly string[], before: unknown, after: unknown): void {
    if (this.differences.length === MOST_DIFFERENCES) {
      this.further++;
      return;
    }
    this.differences.push({
      pointer: pointerOf(steps),
      change,
      ...(change === "added" ? {} : { before: excerpt(jsonText(before)) }),
      ...(change === "removed" ? {} : { after: excerpt(jsonText(after)) }),
    });
  }
}

type JsonObject = { readonly [name: string]: unknown };

function isList(value: unknown): value is readonly unknown[] {
  return jsonType(value) === "array";
}

function isObject(value: unknown): value is JsonObject {
  return jsonType(value) === "object";
}
