// The shape of JSON: which members there are and of which types, merged over many documents, in bounded memory.
import { foldPath } from "../../exchange/endpoint.js";
import { jsonType, parseJson } from "./json-parse.js";
import { pointerOf } from "./pointers.js";

export interface ShapeDifference {
  /** JSON Pointer; `*` stands for every item of a list. */
  readonly pointer: string;
  readonly change: "field-added" | "field-removed" | "type-changed";
  /** Types, sorted and joined with ` | `; absent where the field is. */
  readonly before?: string;
  readonly after?: string;
}

interface Node {
  readonly types: Set<string>;
  readonly members: Map<string, Node>;
  items: Node | undefined;
}

/** Nodes of one shape; members beyond are passed by. An object with ids for names would grow without end. */
const MOST_NODES = 5_000;

export class Shape {
  readonly #root = newNode();
  #nodes = 1;
  #documents = 0;
  #limited = false;

  get documents(): number {
    return this.#documents;
  }

  /** It is larger than what is kept of it. */
  get limited(): boolean {
    return this.#limited;
  }

  /** @returns whether it was JSON */
  add(text: string): boolean {
    const parsed = parseJson(text);
    if (parsed === undefined) return false;
    this.#documents++;
    this.#merge(this.#root, parsed.value);
    return true;
  }

  differencesTo(other: Shape): ShapeDifference[] {
    const differences: ShapeDifference[] = [];
    compareNodes(this.#root, other.#root, [], differences);
    return differences;
  }

  #merge(node: Node, value: unknown): void {
    const type = jsonType(value);
    node.types.add(type);
    if (type === "array" && Array.isArray(value)) {
      for (const item of value) {
        node.items ??= this.#newNode();
        if (node.items !== undefined) this.#merge(node.items, item);
      }
    } else if (type === "object") {
      for (const [name, member] of Object.entries(value as object)) this.#member(node, name, member);
    }
  }

  #member(node: Node, name: string, value: unknown): void {
    // An object that maps ids to things has one kind of member.
    const key = foldPath(name);
    let child = node.members.get(key);
    if (child === undefined) {
      child = this.#newNode();
      if (child === undefined) return;
      node.members.set(key, child);
    }
    this.#merge(child, value);
  }

  #newNode(): Node | undefined {
    if (this.#nodes === MOST_NODES) {
      this.#limited = true;
      return undefined;
    }
    this.#nodes++;
    return newNode();
  }
}

function newNode(): Node {
  return { types: new Set(), members: new Map(), items: undefined };
}

function compareNodes(
  before: Node,
  after: Node,
  steps: readonly string[],
  differences: ShapeDifference[],
): void {
  const [old, now] = [typesOf(before), typesOf(after)];
  const pointer = pointerOf(steps);
  if (old !== now) differences.push({ pointer, change: "type-changed", before: old, after: now });
  // A list that was empty on one side says nothing of its items, and what was no object nothing of its members.
  if (before.items !== undefined && after.items !== undefined) {
    compareNodes(before.items, after.items, [...steps, "*"], differences);
  }
  if (!before.types.has("object") || !after.types.has("object")) return;
  for (const [name, member] of before.members) {
    const same = after.members.get(name);
    const place = [...steps, name];
    if (same !== undefined) compareNodes(member, same, place, differences);
    else differences.push({ pointer: pointerOf(place), change: "field-removed", before: typesOf(member) });
  }
  for (const [name, member] of after.members) {
    if (before.members.has(name)) continue;
    const place = [...steps, name];
    differences.push({ pointer: pointerOf(place), change: "field-added", after: typesOf(member) });
  }
}

function typesOf(node: Node): string {
  return [...node.types].sort().join(" | ");
}
