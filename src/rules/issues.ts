// What zod finds wrong, as problems for people: one for each mistake, at the place of the mistake, in plain words.
import type { z } from "zod";
import { nearNames } from "../near-names.js";
import type { Path, Problem } from "./scope.js";

type Issue = z.core.$ZodIssue;

/** @param known names that may stand at a path, for hints */
export function problemsOf(
  issues: readonly Issue[],
  known: (path: Path) => readonly string[],
  base: Path = [],
): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, known, base));
}

function problemsOfIssue(issue: Issue, known: (path: Path) => readonly string[], base: Path): Problem[] {
  const path = [...base, ...issue.path.filter((step) => typeof step !== "symbol")];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, known(path)));
    case "invalid_union":
      return unionProblems(issue, known, path);
    case "invalid_type":
      return [typeProblem(path, issue.expected, issue.input)];
    case "invalid_value":
      return [
        { path, message: `${shown(issue.input)} is not ${oneOf(issue.values)}`, hint: nearHint(issue) },
      ];
    case "too_small":
      return [{ path, message: boundMessage(issue.input, "at least", issue.minimum) }];
    case "too_big":
      return [{ path, message: boundMessage(issue.input, "at most", issue.maximum) }];
    default:
      return [{ path, message: `${shown(issue.input)}: ${lower(issue.message)}` }];
  }
}

function boundMessage(value: unknown, bound: string, limit: number | bigint): string {
  if (Array.isArray(value)) return `a list of ${bound} ${limit} belongs here, not of ${value.length}`;
  if (typeof value === "string")
    return `${shown(value)} has ${value.length} characters, not ${bound} ${limit}`;
  return `${shown(value)} is not ${bound} ${limit}`;
}

function unknownKey(path: Path, key: string, names: readonly string[]): Problem {
  const near = nearNames(key, names);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(" or ")}?`
      : names.length > 0
        ? `there are ${names.join(", ")}`
        : undefined;
  return { path, message: `there is no '${key}' here`, hint, atKey: true };
}

/** The alternative that was meant: the one whose own mistakes are deeper than its very type. */
function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  known: (path: Path) => readonly string[],
  path: Path,
): Problem[] {
  const meant = issue.errors.filter((issues) => !issues.some(isOwnType));
  const [only] = meant.sort((a, b) => depthOf(b) - depthOf(a));
  if (only !== undefined) return problemsOf(only, known, path);
  const expected = issue.errors
    .flat()
    .flatMap((each) =>
      each.path.length > 0
        ? []
        : each.code === "invalid_type"
          ? [typeName(each.expected)]
          : each.code === "invalid_value"
            ? [oneOf(each.values)]
            : [],
    );
  const names = [...new Set(expected)];
  if (issue.input === undefined) return [missing(path, names.join(", or "))];
  const message = `${shown(issue.input)} can't stand here`;
  const values = issue.errors.flat().flatMap((each) => (each.code === "invalid_value" ? each.values : []));
  const near = typeof issue.input === "string" ? nearNames(issue.input, values.map(String)) : [];
  if (near.length > 0) return [{ path, message, hint: `did you mean ${near.join(" or ")}?` }];
  return [{ path, message, hint: names.length === 0 ? undefined : `write ${names.join(", or ")}` }];
}

function isOwnType(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(...issues.map(({ path }) => path.length));
}

function typeProblem(path: Path, expected: string, input: unknown): Problem {
  if (input === undefined) return missing(path, typeName(expected));
  return { path, message: `${shown(input)} is not ${typeName(expected)}` };
}

function missing(path: Path, expected: string): Problem {
  return { path: path.slice(0, -1), message: `${path.at(-1)} is missing`, hint: `it is ${expected}` };
}

function nearHint(issue: Extract<Issue, { code: "invalid_value" }>): string | undefined {
  const near = nearNames(String(issue.input), issue.values.map(String));
  return near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of names to values",
  record: "a map of names to values",
  array: "a list",
  null: "null",
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map(String);
  return texts.length === 1 ? texts[0]! : `one of ${texts.join(", ")}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
