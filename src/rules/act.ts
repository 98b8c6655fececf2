// Lets the actions of rules act on a message, one after the other.
import { TrafficError } from "../errors.js";
import type { Acting } from "./acting.js";
import type { Draft } from "./draft.js";
import type { Rule } from "./types.js";
import type { Values } from "./values.js";

/** @param hooks of an action that are to run now */
export async function act<Of extends Draft>(
  rules: readonly Rule[],
  draft: Of,
  values: Values,
  hooks: (action: Acting) => readonly (((draft: Of, values: Values) => void | Promise<void>) | undefined)[],
): Promise<void> {
  for (const rule of rules) {
    for (const action of rule.actions) {
      for (const hook of hooks(action)) {
        const before = draft.notes.length;
        try {
          await hook?.(draft, values);
          const said = draft.notes.splice(before);
          draft.notes.push(...said.map((note) => `${rule.name}: ${note}`));
        } catch (error) {
          draft.notes.push(noteOf(rule, error));
        }
      }
    }
  }
}

/** A rule that can't do its work leaves the rest of it to the others. What is no TrafficError is a defect. */
export function noteOf(rule: Rule, error: unknown): string {
  if (!(error instanceof TrafficError)) throw error;
  return `${rule.name}: ${error.message}`;
}
