// A choice of exchanges by their ids.
import type { Subject } from "../filter/subject.js";
import type { RowCondition } from "./select.js";

export interface ChosenIds {
  readonly condition: RowCondition;
  /** Ids that no exchange had so far. */
  unknown(): string[];
}

export function chosenIds(ids: readonly string[]): ChosenIds {
  const wanted = new Set(ids.map((id) => id.toUpperCase()));
  const found = new Set<string>();
  return {
    condition: {
      needs: { headers: false, requestContent: false, responseContent: false, messages: false },
      test: ({ facts }: Subject) => {
        if (!wanted.has(facts.id)) return false;
        found.add(facts.id);
        return true;
      },
    },
    unknown: () => [...wanted].filter((id) => !found.has(id)),
  };
}
