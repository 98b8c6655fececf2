// `trafficctl rules test`: every check of every rule on one exchange, by the evaluator that runs the traffic.
import { RuleCounts } from "../../rules/counts.js";
import { loadRules } from "../../rules/load.js";
import { type Trial, type TrialInput, tryRules } from "../../rules/trial.js";
import { REAL_CHANCE } from "../../rules/values.js";
import { withExchange } from "../show.js";
import { type DescribedRequest, describedInput, recordedInput } from "./trial-input.js";

export interface TestRulesInput {
  readonly home: string;
  /** Paths of rule files. */
  readonly files: readonly string[];
  readonly on: DescribedRequest | { readonly session: string; readonly exchange: string };
}

export interface TestedRules extends Trial {
  readonly request: { readonly method: string; readonly url: string };
}

/** @throws RulesInvalid, TrafficError FILE_NOT_FOUND, BAD_OPTION, EXCHANGE_NOT_FOUND, and what `query` throws */
export async function testRules({ home, files, on }: TestRulesInput): Promise<TestedRules> {
  const set = await loadRules(files);
  const input: TrialInput =
    "url" in on ? await describedInput(on) : await withExchange({ home, ...on }, recordedInput);
  // A rule that acts by chance does so here: what it would do is the question.
  const chance = { ...REAL_CHANCE, fraction: () => 0 };
  const surroundings = { counts: new RuleCounts(), chance, now: () => new Date() };
  const { method, url } = input.request;
  return { request: { method, url }, ...(await tryRules(set, input, surroundings)) };
}
