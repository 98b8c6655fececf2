// The rules in force while a proxy runs: of flags, of watched files and of those that were added by command, with what
// commands changed of them. A file is the newer word: a rule that is saved anew loses what commands had made of it.
import { TrafficError } from "../../errors.js";
import { nearNames } from "../../near-names.js";
import { NO_RULES, type Rule, type RuleSet, ruleSetOf } from "../../rules/types.js";

export type RuleSource = "breakpoint" | "flag" | "file" | "added";

interface Change {
  /** What it was made of: it holds as long as that is so. */
  readonly over: string;
  /** Undefined: the rule is removed. */
  readonly apply: (rule: Rule) => Rule | undefined;
}

export class RuleLayers {
  readonly #flags: RuleSet;
  #files: RuleSet = NO_RULES;
  #added: readonly Rule[] = [];
  #breakpoint: Rule | undefined;
  readonly #changes = new Map<string, Change>();
  #set: RuleSet = NO_RULES;
  #sources: ReadonlyMap<Rule, RuleSource> = new Map();

  /** @param flags the rules that the shortcuts of `record` stand for */
  constructor(flags: RuleSet) {
    this.#flags = flags;
    this.#rebuild();
  }

  /** Replaced as a whole with each change. */
  get set(): RuleSet {
    return this.#set;
  }

  sourceOf(rule: Rule): RuleSource {
    return this.#sources.get(rule) ?? "file";
  }

  /** Whether a command made it other than it is in its file. */
  isChanged(rule: Rule): boolean {
    return this.#changes.has(rule.name) && this.sourceOf(rule) !== "added";
  }

  loaded(files: RuleSet): void {
    this.#files = files;
    this.#rebuild();
  }

  /** @param rule that holds exchanges; undefined: none */
  holdBy(rule: Rule | undefined): void {
    this.#breakpoint = rule;
    this.#rebuild();
  }

  /** @throws TrafficError BAD_OPTION where there is one of that name */
  add({ rules }: RuleSet): void {
    for (const { name } of rules) {
      if (!this.#has(name)) continue;
      throw new TrafficError("BAD_OPTION", `there is a rule '${name}' already`, {
        hint: "`trafficctl rules update` replaces it",
      });
    }
    this.#added = [...this.#added, ...rules];
    this.#rebuild();
  }

  /** Rules of these names become these. @throws TrafficError BAD_OPTION where there is none */
  update({ rules }: RuleSet): void {
    for (const { name } of rules) this.#find(name);
    for (const rule of rules) this.#change(rule.name, () => rule);
    this.#rebuild();
  }

  /** All of them, or none where one is not there. @throws TrafficError BAD_OPTION */
  remove(names: readonly string[]): void {
    for (const name of names) this.#find(name);
    for (const name of names) this.#change(name, () => undefined);
    this.#rebuild();
  }

  /** @throws TrafficError BAD_OPTION where there is none of that name */
  setEnabled(names: readonly string[], enabled: boolean): void {
    for (const name of names) this.#find(name);
    for (const name of names) this.#change(name, (rule) => ({ ...rule, enabled }));
    this.#rebuild();
  }

  #change(name: string, apply: Change["apply"]): void {
    // One that was added in the place of a removed one comes first: that one is there no more.
    const base = this.#base().find((rule) => rule.name === name);
    if (base === undefined || this.#added.some((rule) => rule.name === name)) {
      this.#added = this.#added.flatMap((rule) => (rule.name === name ? (apply(rule) ?? []) : rule));
      return;
    }
    const before = this.#changes.get(name);
    this.#changes.set(name, {
      over: versionOf(base),
      apply: (rule) => {
        const changed = before === undefined ? rule : before.apply(rule);
        return changed === undefined ? undefined : apply(changed);
      },
    });
  }

  #base(): readonly Rule[] {
    return [...this.#flags.rules, ...this.#files.rules];
  }

  #has(name: string): boolean {
    return this.#set.rules.some((rule) => rule.name === name && rule !== this.#breakpoint);
  }

  #find(name: string): void {
    if (this.#has(name)) return;
    const names = this.#set.rules.filter((rule) => rule !== this.#breakpoint).map((rule) => rule.name);
    const near = nearNames(name, names);
    throw new TrafficError("BAD_OPTION", `there is no rule '${name}'`, {
      hint:
        near.length > 0
          ? `did you mean ${near.join(" or ")}?`
          : "`trafficctl rules list` shows those there are",
    });
  }

  #rebuild(): void {
    const versions = new Map(this.#base().map((rule) => [rule.name, versionOf(rule)]));
    for (const [name, { over }] of this.#changes) {
      if (versions.get(name) !== over) this.#changes.delete(name);
    }
    const changed = (rules: readonly Rule[]): Rule[] =>
      rules.flatMap((rule) => {
        const change = this.#changes.get(rule.name);
        return change === undefined ? rule : (change.apply(rule) ?? []);
      });
    const files = changed(this.#files.rules);
    const inFiles = new Set(files.map(({ name }) => name));
    this.#added = this.#added.filter(({ name }) => !inFiles.has(name));
    const layers: readonly (readonly [RuleSource, readonly Rule[]])[] = [
      ["breakpoint", this.#breakpoint === undefined ? [] : [this.#breakpoint]],
      ["flag", changed(this.#flags.rules)],
      ["file", files],
      ["added", this.#added],
    ];
    this.#sources = new Map(
      layers.flatMap(([source, rules]) => rules.map((rule) => [rule, source] as const)),
    );
    this.#set = ruleSetOf([...this.#sources.keys()], this.#files.files);
  }
}

function versionOf({ enabled, text }: Rule): string {
  return `${enabled} ${text}`;
}
