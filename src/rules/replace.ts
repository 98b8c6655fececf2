// Replacing in texts: a text itself, or what a regular expression matches, with its groups.
import type { z } from "zod";
import { compileRegexLiteral, isRegex } from "./regex.js";
import type { Scope } from "./scope.js";
import type { replacements } from "./settings.js";

export interface Replacements {
  readonly does: readonly string[];
  apply(text: string): string;
}

export function compileReplacements(settings: z.output<typeof replacements>, scope: Scope): Replacements {
  const isList = Array.isArray(settings);
  const steps = [settings].flat().map((each, index) => {
    const here = isList ? scope.at(index) : scope;
    return compileReplacement(each.find, each.with, here);
  });
  return {
    does: [settings].flat().map(({ find }) => `replaces ${find}`),
    apply: (text) => steps.reduce((current, step) => step(current), text),
  };
}

function compileReplacement(find: string, substitute: string, scope: Scope): (text: string) => string {
  if (!isRegex(find)) return (text) => text.replaceAll(find, () => substitute);
  const regex = scope.at("find").attempt(() => compileRegexLiteral(find));
  const fill = compileCaptures(substitute, regex?.groups ?? 0, scope.at("with"));
  return (text) => regex?.replace(text, fill) ?? text;
}

/**
 * `$1` to `$99`, `$0` or `$&` for all that matched, `$$` for a dollar sign; any other dollar sign is itself.
 * @param count how many captures there are; one that is not there is reported
 */
export function compileCaptures(
  text: string,
  count: number,
  scope: Scope,
): (captures: readonly string[]) => string {
  const pieces = text.split(/(\$(?:\$|&|\d{1,2}))/).map((piece) => {
    if (!/^\$(?:\$|&|\d{1,2})$/.test(piece)) return piece;
    if (piece === "$$") return "$";
    const index = piece === "$&" ? 0 : Number(piece.slice(1));
    if (index > count) {
      scope.report(
        `there is no ${piece} here`,
        count === 0
          ? "only a `*` or a group of a regular expression gives one; `$$` is a dollar sign"
          : `the last one is $${count}`,
      );
    }
    return index;
  });
  return (captures) =>
    pieces.map((piece) => (typeof piece === "string" ? piece : (captures[piece] ?? ""))).join("");
}
