// Lets the rules for messages act on one message of a WebSocket, one after the other, and notes what each did to it.
import { noteOf } from "./act.js";
import type { MessageDraft, MessageMiss } from "./message-draft.js";
import type { Rule } from "./types.js";

/** @param rules that have something to do with messages, in order */
export function actOnMessage(rules: readonly Rule[], draft: MessageDraft): void {
  for (const rule of rules) {
    const { data, opcode, dropped } = draft;
    const already = draft.injected.length;
    const missed = acted(rule, draft);
    draft.deeds.push({
      rule: rule.name,
      ...(missed === undefined ? {} : { missed }),
      changed: draft.data !== data || draft.opcode !== opcode,
      dropped: draft.dropped && !dropped,
      injected: draft.injected.slice(already),
    });
  }
}

/** @returns why none of its actions has anything to do with it, where that is so */
function acted(rule: Rule, draft: MessageDraft): MessageMiss | undefined {
  const misses: (MessageMiss | undefined)[] = [];
  for (const action of rule.actions) {
    if (action.message === undefined) continue;
    try {
      misses.push(action.message(draft));
    } catch (error) {
      draft.notes.push(noteOf(rule, error));
      misses.push("text");
    }
  }
  return misses.includes(undefined) ? undefined : misses.at(-1);
}
