// Replacing in texts: a text itself, or what a regular expression matches, with its groups.
import type { z } from "zod";
import { compileRegexLiteral, isRegex } from "./regex.js";
import type { Scope } from "./scope.js";
import type { replacements } from "./settings.js";
import { checkReplacing, replacementText, type Substitution } from "./substitution.js";

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
  if (!isRegex(find)) {
    const written = replacementText([substitute]);
    return (text) => {
      checkReplacing(`the text ${find}`, text, [substitute], (most) => counted(text, find, most));
      return text.replaceAll(find, written);
    };
  }
  const regex = scope.at("find").attempt(() => compileRegexLiteral(find));
  const substitution = parseSubstitution(substitute, regex?.groups ?? 0, scope.at("with"));
  return (text) => regex?.replace(text, substitution) ?? text;
}

function counted(text: string, find: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(find); at !== -1 && count < most; at = text.indexOf(find, at + find.length))
    count++;
  return count;
}

/** As `parseSubstitution`, filled in. */
export function compileCaptures(
  text: string,
  count: number,
  scope: Scope,
): (captures: readonly string[]) => string {
  const pieces = parseSubstitution(text, count, scope);
  return (captures) =>
    pieces.map((piece) => (typeof piece === "string" ? piece : (captures[piece] ?? ""))).join("");
}

/**
 * `$1` to `$99`, `$0` or `$&` for all that matched, `$$` for a dollar sign; any other dollar sign is itself.
 * @param count how many captures there are; one that is not there is reported
 */
function parseSubstitution(text: string, count: number, scope: Scope): Substitution {
  return text.split(/(\$(?:\$|&|\d{1,2}))/).map((piece) => {
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
}
