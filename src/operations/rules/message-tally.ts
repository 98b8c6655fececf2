// How many messages of WebSockets rules changed, dropped and injected, in all and by each rule.
import { isData, type RuledMessage } from "./ruled-messages.js";

export interface MessageCounts {
  readonly changed: number;
  readonly dropped: number;
  readonly injected: number;
}

export interface MessageTotals extends MessageCounts {
  /** Messages that the rules looked at. */
  readonly seen: number;
  /** Messages of data that they could not look at: not all there, or too long. */
  readonly unseen: number;
}

type Ruled = Pick<RuledMessage, "draft" | "injected"> & {
  readonly message: Pick<RuledMessage["message"], "opcode">;
};

const NONE: MessageCounts = { changed: 0, dropped: 0, injected: 0 };

export class MessageTally {
  #totals: MessageTotals = { seen: 0, unseen: 0, ...NONE };
  readonly #byRule = new Map<string, MessageCounts>();

  get totals(): MessageTotals {
    return this.#totals;
  }

  /** By the names of the rules that did something to a message. */
  get byRule(): ReadonlyMap<string, MessageCounts> {
    return this.#byRule;
  }

  add({ message, draft, injected }: Ruled): void {
    const totals = this.#totals;
    if (draft === undefined) {
      if (isData(message)) this.#totals = { ...totals, unseen: totals.unseen + 1 };
      return;
    }
    const changed = draft.deeds.some((deed) => deed.changed) && !draft.dropped;
    const counts = { changed: Number(changed), dropped: Number(draft.dropped), injected: injected.length };
    this.#totals = { ...totals, ...sum(totals, counts), seen: totals.seen + 1 };
    for (const deed of draft.deeds) {
      const sent = deed.injected.filter((each) => injected.includes(each)).length;
      this.#count(deed.rule, {
        changed: Number(deed.changed),
        dropped: Number(deed.dropped),
        injected: sent,
      });
    }
  }

  addAll(other: MessageTally): void {
    const { seen, unseen } = other.totals;
    const totals = this.#totals;
    this.#totals = {
      ...sum(totals, other.totals),
      seen: totals.seen + seen,
      unseen: totals.unseen + unseen,
    };
    for (const [rule, counts] of other.byRule) this.#count(rule, counts);
  }

  of(rule: string): MessageCounts {
    return this.#byRule.get(rule) ?? NONE;
  }

  #count(rule: string, counts: MessageCounts): void {
    if (counts.changed + counts.dropped + counts.injected === 0) return;
    this.#byRule.set(rule, sum(this.of(rule), counts));
  }
}

function sum(a: MessageCounts, b: MessageCounts): MessageCounts {
  return {
    changed: a.changed + b.changed,
    dropped: a.dropped + b.dropped,
    injected: a.injected + b.injected,
  };
}
