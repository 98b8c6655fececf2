// The rules of a recording while it runs: loaded, watched, changed by command, and asked for each request. Loaded only
// where there are rules or breakpoints.
import type { HeldSummary } from "../../control/intercept-methods.js";
import { TrafficError } from "../../errors.js";
import type { ExchangeIntervention, Intervention, InterventionHead } from "../../proxy/intervention.js";
import { RuleCounts } from "../../rules/counts.js";
import { loadRules, parseRules, STDIN } from "../../rules/load.js";
import { compileShortcuts, type Shortcuts } from "../../rules/shortcuts.js";
import type { Rule, RuleSet } from "../../rules/types.js";
import { REAL_CHANCE } from "../../rules/values.js";
import { watchRules } from "../../rules/watch.js";
import { breakpointRule } from "../intercept/breakpoint-rule.js";
import { HeldExchanges } from "../intercept/held-exchanges.js";
import { summary } from "../intercept/held-message.js";
import { createRuleIntervention } from "./intervene.js";
import { RecordingRedaction } from "./kept-out/redacted-recording.js";
import { RuleLayers, type RuleSource } from "./rule-layers.js";

export interface RuleSources {
  /** Paths of rule files. */
  readonly files: readonly string[];
  readonly shortcuts: Shortcuts;
  /** That the files of the shortcuts are relative to. */
  readonly folder: string;
  /** Exchanges that this matches are held. */
  readonly intercept: string | undefined;
  /** How long one is held at most; undefined: until someone lets it go. */
  readonly interceptTimeoutMs: number | undefined;
}

export interface RuleEvents {
  /** A saved file holds from now on: so many rules are in force. */
  readonly onApplied: (rules: number) => void;
  /** A saved file is wrong: the rules before stay. */
  readonly onBroken: (error: TrafficError) => void;
  /** What a rule could not do to an exchange. */
  readonly onNotes: (notes: readonly string[]) => void;
  readonly onHeld: (held: HeldSummary) => void;
}

/** A text that rules are read from: what a file holds, and the folder that its files are relative to. */
export interface RuleText {
  readonly text: string;
  readonly path: string;
  readonly folder: string;
}

interface LiveRule {
  readonly rule: Rule;
  readonly source: Exclude<RuleSource, "breakpoint">;
  /** By a command, while it ran. */
  readonly changed: boolean;
  /** Exchanges that its match selected, and those that it acted on. */
  readonly matched: number;
  readonly acted: number;
}

export class LiveRules implements Intervention {
  readonly held: HeldExchanges;
  readonly #layers: RuleLayers;
  readonly #counts = new RuleCounts();
  readonly #redaction: RecordingRedaction;
  readonly #intervention: Intervention;
  #intercept: string | undefined;
  #watch: { close(): void } | undefined;

  /** @throws TrafficError RULES_INVALID, FILE_NOT_FOUND, BAD_OPTION, FILTER_INVALID, IO_FAILED */
  static async open(sources: RuleSources, events: RuleEvents): Promise<LiveRules> {
    if (sources.files.includes(STDIN)) {
      throw new TrafficError(
        "BAD_OPTION",
        "a rule file of a recording is watched, which standard input can't be",
        {
          hint: "record first, then `trafficctl rules add -`",
        },
      );
    }
    const flags = await compileShortcuts(sources.shortcuts, sources.folder);
    const live = new LiveRules(flags, sources.interceptTimeoutMs, events);
    if (sources.intercept !== undefined) (await live.prepareIntercept(sources.intercept))();
    if (sources.files.length > 0) await live.#open(sources.files, events);
    return live;
  }

  private constructor(flags: RuleSet, holdAtMostMs: number | undefined, { onNotes, onHeld }: RuleEvents) {
    this.#layers = new RuleLayers(flags);
    this.#redaction = new RecordingRedaction((error) => {
      onNotes([`redact: an exchange was recorded without its bodies: ${String(error)}`]);
    });
    this.held = new HeldExchanges(holdAtMostMs, (held) => onHeld(summary(held)));
    this.#intervention = createRuleIntervention({
      rules: () => this.#layers.set,
      breakpoints: this.held,
      redaction: this.#redaction,
      counts: this.#counts,
      chance: REAL_CHANCE,
      now: () => new Date(),
      onNotes: (_, notes) => onNotes(notes),
    });
  }

  async #open(files: readonly string[], { onApplied, onBroken }: RuleEvents): Promise<void> {
    const set = await loadRules(files);
    this.#layers.loaded(set);
    this.#watch = await watchRules(files, set, {
      loaded: (next) => {
        this.#layers.loaded(next);
        this.#counts.keepOnly(this.#layers.set);
        onApplied(this.count);
      },
      failed: onBroken,
    });
  }

  begin(request: InterventionHead): ExchangeIntervention | undefined {
    return this.#layers.set.rules.length === 0 ? undefined : this.#intervention.begin(request);
  }

  /** Rules in force; the filter of the breakpoints is none. */
  get count(): number {
    return this.list().filter(({ rule }) => rule.enabled).length;
  }

  /** Paths of the files that are watched. */
  get files(): readonly string[] {
    return this.#layers.set.files;
  }

  get intercept(): string | undefined {
    return this.#intercept;
  }

  /** In the order in which they are asked. */
  list(): readonly LiveRule[] {
    return this.#layers.set.rules.flatMap((rule) => {
      const source = this.#layers.sourceOf(rule);
      const { matched, acted } = this.#counts.of(rule);
      return source === "breakpoint"
        ? []
        : { rule, source, changed: this.#layers.isChanged(rule), matched, acted };
    });
  }

  /** @throws TrafficError RULES_INVALID; BAD_OPTION where there is a rule of one of the names */
  async add({ text, path, folder }: RuleText): Promise<void> {
    this.#layers.add(await parseRules(text, path, folder));
  }

  /** Puts rules in the place of those of their names. @throws TrafficError RULES_INVALID, BAD_OPTION */
  async update({ text, path, folder }: RuleText): Promise<void> {
    this.#layers.update(await parseRules(text, path, folder));
  }

  /** @throws TrafficError BAD_OPTION */
  remove(names: readonly string[]): void {
    this.#layers.remove(names);
    this.#counts.keepOnly(this.#layers.set);
  }

  /** @throws TrafficError BAD_OPTION */
  setEnabled(names: readonly string[], enabled: boolean): void {
    this.#layers.setEnabled(names, enabled);
  }

  /** @returns what makes it hold for exchanges from then on; those that are held stay. @throws TrafficError FILTER_INVALID */
  async prepareIntercept(filter: string | undefined): Promise<() => void> {
    const rule = filter === undefined ? undefined : await breakpointRule(filter);
    return () => {
      this.#intercept = filter;
      this.#layers.holdBy(rule);
    };
  }

  /** What rules keep things out of is recorded when it is over, and a moment later: that has happened then. */
  async settled(): Promise<void> {
    await this.#redaction.settled();
  }

  /** Holds nothing any more, and lets go what is held. */
  close(): void {
    this.#watch?.close();
    this.#layers.holdBy(undefined);
    this.held.close();
  }
}
