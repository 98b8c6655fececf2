// What commands change of rules, and what a saved file makes of that.
import { expect, test } from "vitest";
import { RuleLayers } from "../../../src/operations/rules/rule-layers.js";
import { NO_RULES } from "../../../src/rules/types.js";
import { rules } from "../../rules/support.js";

const yaml = (...names: string[]): string =>
  `rules:\n${names.map((text) => `  - {name: ${text}, actions: [pass]}\n`).join("")}`;
const names = ({ set }: RuleLayers): string =>
  set.rules.map(({ name, enabled }) => (enabled ? name : `-${name}`)).join(" ");

async function layers(): Promise<RuleLayers> {
  const made = new RuleLayers(await rules(yaml("flag, priority: 1")));
  made.loaded(await rules(yaml("a", "b")));
  return made;
}

test("flags, files and what is added, by priority", async () => {
  const made = await layers();
  made.add(await rules(yaml("c", "d, priority: 50")));
  expect(names(made)).toBe("flag d a b c");
  expect(made.set.rules.map((rule) => made.sourceOf(rule))).toEqual([
    "flag",
    "added",
    "file",
    "file",
    "added",
  ]);
});

test("each change is another set: who began with one keeps it", async () => {
  const made = await layers();
  const before = made.set;
  made.setEnabled(["a"], false);
  expect(made.set).not.toBe(before);
  expect(before.rules.every(({ enabled }) => enabled)).toBe(true);
  expect(names(made)).toBe("flag -a b");
});

test("all of them or none", async () => {
  const made = await layers();
  expect(() => made.remove(["a", "nope"])).toThrow("there is no rule 'nope'");
  const both = await rules(yaml("new", "a"));
  expect(() => made.add(both)).toThrow("there is a rule 'a' already");
  expect(() => made.update(both)).toThrow("there is no rule 'new'");
  expect(names(made)).toBe("flag a b");
});

test("a change holds while the file says the same of the rule, and no longer", async () => {
  const made = await layers();
  made.setEnabled(["a", "flag"], false);
  made.remove(["b"]);
  expect(names(made)).toBe("-flag -a");
  made.loaded(await rules(yaml("a", "b, times: 2", "c")));
  expect(names(made)).toBe("-flag -a b c");
  made.loaded(NO_RULES);
  made.loaded(await rules(yaml("a")));
  expect(names(made)).toBe("-flag a");
});

test("changes add up, and an added rule gives way to one of a file", async () => {
  const made = await layers();
  made.update(await rules(yaml("a, priority: 200")));
  made.setEnabled(["a"], false);
  expect(names(made)).toBe("flag b -a");
  made.add(await rules(yaml("c, times: 5")));
  made.setEnabled(["c"], false);
  expect(names(made)).toBe("flag b -c -a");
  made.loaded(await rules(yaml("c")));
  expect(names(made)).toBe("flag c");
});

test("a rule that is added in the place of a removed one is the one that commands mean", async () => {
  const made = await layers();
  made.remove(["a"]);
  made.add(await rules(yaml("a, times: 7")));
  expect(made.isChanged(made.set.rules.at(-1)!)).toBe(false);
  made.setEnabled(["a"], false);
  expect(names(made)).toBe("flag b -a");
  // The file says nothing new of it.
  made.loaded(await rules(yaml("a", "b, times: 2")));
  expect(names(made)).toBe("flag b -a");
  made.remove(["a"]);
  expect(names(made)).toBe("flag b");
  made.add(await rules(yaml("a, times: 7")));
  made.loaded(await rules(yaml("a, times: 2", "b")));
  expect(made.set.rules.map((rule) => [rule.name, rule.times, made.sourceOf(rule)])).toEqual([
    ["flag", undefined, "flag"],
    ["a", 2, "file"],
    ["b", undefined, "file"],
  ]);
});
