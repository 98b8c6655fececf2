// Which names may stand in a map of a rule file, by the schema that is published.

import { ruleFileJsonSchema } from "./schema.js";
import type { Path } from "./scope.js";

let schema: object | undefined;

/** @param path of the map */
export function knownNames(path: Path): readonly string[] {
  schema ??= ruleFileJsonSchema();
  let nodes = alternatives(schema);
  for (const step of path) nodes = nodes.flatMap((node) => below(node, step)).flatMap(alternatives);
  return [...new Set(nodes.flatMap((node) => Object.keys(member(node, "properties") ?? {})))];
}

function alternatives(node: object): object[] {
  // The one definition that is referred to.
  if ("$ref" in node) return alternatives(member(member(schema ?? {}, "$defs") ?? {}, "actions") ?? {});
  const either = member(node, "anyOf");
  return Array.isArray(either) ? either.filter(isObject).flatMap(alternatives) : [node];
}

function below(node: object, step: string | number): object[] {
  const child =
    typeof step === "number" ? member(node, "items") : member(member(node, "properties") ?? {}, step);
  return child === undefined ? [] : [child];
}

function member(node: object, name: string): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(node, name)?.value;
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
