// All operators of the filter language, in the order of the table.
import type { Operator, OperatorGroup } from "./operator.js";
import { plainOperators } from "./plain-operators.js";
import { regexOperators } from "./regex-operators.js";

const GROUPS: readonly OperatorGroup[] = [
  "request",
  "response",
  "either side",
  "exchange",
  "amounts and times",
];

/** By name, without `~`. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  GROUPS.flatMap((group) =>
    [...regexOperators, ...plainOperators]
      .filter((operator) => operator.group === group)
      .map((operator): [string, Operator] => [operator.name, operator]),
  ),
);

const MEANT: Readonly<Record<string, string>> = {
  status: "c",
  code: "c",
  host: "d",
  hostname: "d",
  domain: "d",
  url: "u",
  path: "u",
  method: "m",
  header: "h",
  headers: "h",
  body: "b",
  type: "t",
  mime: "t",
  error: "e",
  duration: "dur",
  ws: "websocket",
  request: "q",
  response: "s",
  date: "time",
  dt: "time",
  dtq: "time",
  dts: "time",
  dtqs: "time",
  dtqe: "time",
  dtss: "time",
  dtse: "time",
};

/** @returns names, without `~`, that someone who wrote `wanted` may have meant */
export function nearOperators(wanted: string): string[] {
  const lower = wanted.toLowerCase();
  const meant = MEANT[lower];
  if (meant !== undefined) return [meant];
  if (OPERATORS.has(lower)) return [lower];
  const names = [...OPERATORS.keys()];
  const near = names.filter((name) => name.length > 1 && (lower.startsWith(name) || name.startsWith(lower)));
  const sameLetters = names.filter((name) => sorted(name) === sorted(lower));
  return [...new Set([...sameLetters, ...near.sort((a, b) => b.length - a.length)])].slice(0, 3);
}

function sorted(name: string): string {
  return [...name].sort().join("");
}
