// `(?i)`, `(?i-s:...)`: flags in a pattern.
import type { Cursor } from "./cursor.js";
import type { RegexFlags } from "./syntax.js";

export interface State extends RegexFlags {
  readonly verbose: boolean;
  /** `\w`, `\d`, `\s` and `\b` mean ASCII. */
  readonly ascii: boolean;
}

const FLAGS: Readonly<Record<string, keyof State>> = {
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  x: "verbose",
};

/** @param cursor behind `(?` @returns `scoped`: the flags are for what follows up to the parenthesis */
export function readFlags(
  cursor: Cursor,
  from: number,
  before: State,
  bytes: boolean,
): { state: State; scoped: boolean } {
  const on = cursor.takeWhile(/^[a-zA-Z]$/);
  const minus = cursor.accept("-");
  const off = minus ? cursor.takeWhile(/^[a-zA-Z]$/) : "";
  const scoped = cursor.accept(":");
  if (on + off === "" || (minus && !scoped) || (!scoped && !cursor.accept(")"))) {
    throw cursor.error("there is no such kind of group", from);
  }
  const changes: Partial<Record<keyof State, boolean>> = {};
  for (const flag of on) {
    if (flag === "L") throw cursor.error("the flag L (locale) is not supported", from);
    if (flag === "u" && bytes) throw cursor.error("the flag u has no meaning for bytes", from);
    if (flag === "a" || flag === "u") changes.ascii = flag === "a";
    else if (flag in FLAGS) changes[FLAGS[flag]!] = true;
    else throw cursor.error(`there is no flag ${flag}`, from);
  }
  for (const flag of off) {
    if (!(flag in FLAGS)) throw cursor.error(`the flag ${flag} can't be turned off`, from);
    if (on.includes(flag)) throw cursor.error(`the flag ${flag} is turned on and off`, from);
    changes[FLAGS[flag]!] = false;
  }
  return { state: { ...before, ...changes }, scoped };
}
