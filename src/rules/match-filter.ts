// A filter as part of a rule's match: when it can be told, and a quick no for what a filter of many rules asks most.
import type { Filter } from "../filter/filter.js";
import { Mistake } from "../filter/mistake.js";
import { OPERATORS } from "../filter/operators.js";
import { parseFilter } from "../filter/parse.js";
import type { FilterNode } from "../filter/syntax.js";
import { filterRequirements } from "./filter-requirements.js";
import type { Part } from "./match.js";
import { type QuickTests, quickTests } from "./match-quick.js";
import { allHold, requiring, type SharedTests, type SubjectTest } from "./shared-tests.js";

/** @throws Mistake for a filter that can never hold while an exchange is under way */
export function filterPart(filter: Filter, shared: SharedTests, limitMs: number): Part {
  const tree = parseFilter(filter.text);
  const last = onlyAtTheEnd(tree);
  if (last !== undefined) {
    throw new Mistake(
      `~${last} is known only when an exchange is over: no rule could act on it`,
      0,
      filter.text.length,
      "use what is known with the request (~m, ~u, ~d, ~hq, ~bq) or with the response (~c, ~hs, ~ts, ~bs)",
    );
  }
  return {
    needsRequestContent: filter.needs.requestContent,
    needsResponseContent: filter.needs.responseContent,
    early: canHoldEarly(tree),
    test: requiring(testOf(filter, quickTests(tree, shared, limitMs)), filterRequirements(tree, limitMs)),
    explain: filter.explain,
  };
}

function testOf(filter: Filter, { tests, complete }: QuickTests): SubjectTest {
  return tests.length === 0 ? filter.test : allHold(complete ? tests : [...tests, filter.test]);
}

/** Conditions that no rule can use: durations, sizes, errors, and what a recording numbers. */
const AT_THE_END: ReadonlySet<string> = new Set(["q", "e", "err", "errc", "dur", "size", "sizeq", "sizes"]);

function onlyAtTheEnd(node: FilterNode): string | undefined {
  switch (node.type) {
    case "condition":
      return AT_THE_END.has(node.operator) ? node.operator : undefined;
    case "not":
      return onlyAtTheEnd(node.part);
    case "and":
    case "or":
      return node.parts.map(onlyAtTheEnd).find((operator) => operator !== undefined);
  }
}

/** Whether it can hold with the request alone. What a condition on the response says is not known then. */
function canHoldEarly(node: FilterNode): boolean {
  return canBe(true, node);
}

function canBe(verdict: boolean, node: FilterNode): boolean {
  switch (node.type) {
    case "condition":
      return OPERATORS.get(node.operator)?.group !== "response" && node.operator !== "s";
    case "not":
      return canBe(!verdict, node.part);
    case "and":
      return verdict
        ? node.parts.every((part) => canBe(true, part))
        : node.parts.some((part) => canBe(false, part));
    case "or":
      return verdict
        ? node.parts.some((part) => canBe(true, part))
        : node.parts.every((part) => canBe(false, part));
  }
}
