// What a recording answers to whoever asks for its rules or changes them. Loaded when someone does.
import { answer } from "../../control/method.js";
import {
  addRulesMethod,
  enableRulesMethod,
  listRulesMethod,
  type RunningRules,
  removeRulesMethod,
  updateRulesMethod,
} from "../../control/rule-methods.js";
import type { BoundMethod } from "../../control/server.js";
import type { LiveRules } from "./live-rules.js";
import type { RecordingRules } from "./recording-rules.js";

export function ruleMethods(rules: RecordingRules): BoundMethod[] {
  const changed = async (change: (live: LiveRules) => Promise<void> | void): Promise<RunningRules> => {
    const live = await rules.load();
    await change(live);
    return runningRules(live);
  };
  return [
    answer(listRulesMethod, () => changed(() => {})),
    answer(addRulesMethod, (text) => changed((live) => live.add(text))),
    answer(updateRulesMethod, (text) => changed((live) => live.update(text))),
    answer(removeRulesMethod, ({ names }) => changed((live) => live.remove(names))),
    answer(enableRulesMethod, ({ names, enabled }) => changed((live) => live.setEnabled(names, enabled))),
  ];
}

function runningRules(live: LiveRules): RunningRules {
  return {
    files: [...live.files],
    rules: live.list().map(({ rule, source, changed, matched, acted }) => ({
      name: rule.name,
      priority: rule.priority,
      enabled: rule.enabled,
      times: rule.times ?? null,
      probability: rule.probability,
      match: rule.matcher.text,
      does: rule.actions.map(({ does }) => does),
      source,
      changed,
      place: rule.place ?? null,
      matched,
      acted,
    })),
  };
}
