// `trafficctl rules test`: every check of every rule on one exchange, by the evaluator that runs the traffic.
import { TrafficError } from "../../errors.js";
import { RuleCounts } from "../../rules/counts.js";
import { loadRules, parseRules } from "../../rules/load.js";
import type { Surroundings } from "../../rules/ruled-exchange.js";
import { type Trial, type TrialInput, tryWithMessages } from "../../rules/trial.js";
import type { RuleSet } from "../../rules/types.js";
import { REAL_CHANCE } from "../../rules/values.js";
import type { Selected } from "../query.js";
import { withExchange } from "../show.js";
import type { RuledWebSocket } from "./ruled-messages.js";
import type { RuleText } from "./running-rules.js";
import { describedMessages, type TestedMessages, testDescribed, testRecorded } from "./tested-messages.js";
import { type DescribedRequest, describedInput, recordedInput } from "./trial-input.js";

export type { TestedMessage, TestedMessages } from "./tested-messages.js";

export interface TestRulesInput {
  readonly home: string;
  /** Paths of rule files; or rules that are in none. */
  readonly files: readonly string[] | RuleText;
  readonly on: DescribedRequest | { readonly session: string; readonly exchange: string };
  /** Messages of a WebSocket: `send:TEXT`, `receive:TEXT`, TEXT for both ways, `@file` for a text. Default: the recorded ones. */
  readonly messages?: readonly string[] | undefined;
}

export interface TestedRules extends Trial {
  readonly request: { readonly method: string; readonly url: string };
  /** Of a WebSocket that rules let come about, where messages were given or recorded. */
  readonly messages?: TestedMessages;
}

/** @throws RulesInvalid, TrafficError FILE_NOT_FOUND, BAD_OPTION, EXCHANGE_NOT_FOUND, and what `query` throws */
export async function testRules({ home, files, on, messages }: TestRulesInput): Promise<TestedRules> {
  const set =
    "text" in files ? await parseRules(files.text, files.name, files.folder) : await loadRules(files);
  const given = messages === undefined ? undefined : await Promise.all(messages.map(describedMessages));
  const described =
    given === undefined ? undefined : (webSocket?: RuledWebSocket) => testDescribed(given.flat(), webSocket);
  if ("url" in on) return await tested(set, await describedInput(on, described !== undefined), described);
  return await withExchange({ home, ...on }, async (selected) => {
    const isWebSocket = selected.facts.kind === "websocket";
    if (described !== undefined && !isWebSocket) throw noWebSocket(selected);
    const recorded = isWebSocket
      ? (webSocket?: RuledWebSocket) => testRecorded(selected, webSocket)
      : undefined;
    return await tested(set, await recordedInput(selected), described ?? recorded);
  });
}

async function tested(
  set: RuleSet,
  input: TrialInput,
  testMessages: ((webSocket?: RuledWebSocket) => Promise<TestedMessages> | TestedMessages) | undefined,
): Promise<TestedRules> {
  // A rule that acts by chance does so here: what it would do is the question.
  const chance = { ...REAL_CHANCE, fraction: () => 0 };
  const surroundings: Surroundings = { counts: new RuleCounts(), chance, now: () => new Date() };
  const { trial, webSocket } = await tryWithMessages(set, input, surroundings);
  const { method, url } = input.request;
  const comesAbout = trial.effect.request !== undefined && trial.effect.abort === undefined;
  const messages = comesAbout ? await testMessages?.(webSocket) : undefined;
  return { request: { method, url }, ...trial, ...(messages === undefined ? {} : { messages }) };
}

function noWebSocket({ facts }: Selected): TrafficError {
  return new TrafficError("BAD_OPTION", `exchange ${facts.seq} is no WebSocket: it has no messages`, {
    hint: "give --message with the exchange of a WebSocket, or with --url",
  });
}
