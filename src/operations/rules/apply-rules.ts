// `trafficctl rules apply`: a recorded session as it would have been recorded under rules, and what each rule did to it.
import { TrafficError } from "../../errors.js";
import { RuleCounts } from "../../rules/counts.js";
import { loadRules } from "../../rules/load.js";
import type { RuleSet } from "../../rules/types.js";
import { REAL_CHANCE } from "../../rules/values.js";
import { copyExchange } from "../merge.js";
import { query, type Selected } from "../query.js";
import { Redaction } from "../redaction.js";
import { type SessionWriter, type WrittenSession, writeSession } from "../write-session.js";
import { type AppliedExchange, apply, type ExchangeChange } from "./applied-exchange.js";
import { type MessageCounts, MessageTally, type MessageTotals } from "./message-tally.js";
import { isOpaque } from "./trial-input.js";

export type { ExchangeChange } from "./applied-exchange.js";

export interface ApplyRulesInput {
  readonly home: string;
  /** Paths of rule files. */
  readonly files: readonly string[];
  /** Sessions and a filter, as `query` takes them. */
  readonly words: readonly string[];
  /** Name of the new session; undefined: nothing is written. */
  readonly into: string | undefined;
  readonly signal?: AbortSignal;
}

export interface AppliedRules {
  /** Absent of a dry run. */
  readonly session?: WrittenSession;
  readonly exchanges: number;
  /** Exchanges that rules acted on, and those that a rule kept out of the new session. */
  readonly changed: number;
  readonly leftOut: number;
  /** Connections that were passed through: no rule is asked about them, in traffic as here. */
  readonly tunnels: number;
  /** Of all WebSockets whose messages a rule may concern. */
  readonly messages: MessageTotals;
  readonly rules: readonly {
    readonly name: string;
    readonly matched: number;
    readonly acted: number;
    readonly messages: MessageCounts;
  }[];
  /** The first of what was done to exchanges. */
  readonly changes: readonly ExchangeChange[];
}

/** In memory, and on a screen: of exchanges, and of messages. */
const CHANGES_KEPT = 1_000;

/** @throws RulesInvalid; TrafficError FILE_NOT_FOUND, EXCHANGE_NOT_FOUND, SESSION_EXISTS, and what `query` throws */
export async function applyRules(input: ApplyRulesInput): Promise<AppliedRules> {
  const set = await loadRules(input.files);
  const { home, words, into, signal } = input;
  const selection = await query({ home, words, signal });
  try {
    if (selection.total === 0) {
      throw new TrafficError("EXCHANGE_NOT_FOUND", "there is no exchange to apply rules to", {
        hint: "`trafficctl query` with the same words shows what is chosen",
      });
    }
    const run = new Run(set);
    if (into === undefined) {
      for await (const selected of selection) await run.add(selected, undefined);
      return run.report();
    }
    const options = { rulesApplied: [...input.files] };
    const session = await writeSession({ home, name: into, options }, async (writer) => {
      for await (const selected of selection) await run.add(selected, writer);
    });
    return { session, ...run.report() };
  } finally {
    await selection.close();
  }
}

class Run {
  readonly #set: RuleSet;
  readonly #surroundings = { counts: new RuleCounts(), chance: REAL_CHANCE, now: () => new Date() };
  readonly #changes: ExchangeChange[] = [];
  readonly #tally = new MessageTally();
  #messagesTold = 0;
  #secrets: Redaction | undefined;
  #exchanges = 0;
  #changed = 0;
  #leftOut = 0;
  #tunnels = 0;

  constructor(set: RuleSet) {
    this.#set = set;
  }

  async add(selected: Selected, writer: SessionWriter | undefined): Promise<void> {
    this.#exchanges++;
    if (isOpaque(await selected.exchange())) this.#tunnels++;
    const applied = await apply(selected, {
      set: this.#set,
      surroundings: this.#surroundings,
      secrets: () => {
        this.#secrets ??= new Redaction();
        return this.#secrets;
      },
      writer,
      changesKept: CHANGES_KEPT - this.#messagesTold,
    });
    if (applied !== undefined) this.#note(applied);
    else if (writer !== undefined) await copyExchange(selected, writer);
  }

  report(): Omit<AppliedRules, "session"> {
    return {
      exchanges: this.#exchanges,
      changed: this.#changed,
      leftOut: this.#leftOut,
      tunnels: this.#tunnels,
      messages: this.#tally.totals,
      rules: this.#set.rules.map((rule) => {
        const { matched, acted } = this.#surroundings.counts.of(rule);
        return { name: rule.name, matched, acted, messages: this.#tally.of(rule.name) };
      }),
      changes: this.#changes,
    };
  }

  #note({ change, tally }: AppliedExchange): void {
    this.#changed++;
    if (tally !== undefined) this.#tally.addAll(tally);
    this.#messagesTold += change.messages?.changes.length ?? 0;
    if (!change.recorded) this.#leftOut++;
    if (this.#changes.length < CHANGES_KEPT) this.#changes.push(change);
  }
}
