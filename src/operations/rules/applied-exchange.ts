// A recorded exchange as rules leave it: as it would have been recorded if they had been in force. The request stands
// there as the client sent it, with what would have gone on; the response as the client would have got it.
import type { Exchange } from "../../exchange/exchange.js";
import type { Surroundings } from "../../rules/ruled-exchange.js";
import { type TrialEffect, tryWithMessages } from "../../rules/trial.js";
import type { RuleSet } from "../../rules/types.js";
import { storedBytes } from "../merge.js";
import type { Selected } from "../query.js";
import type { Redaction } from "../redaction.js";
import type { BodyBytes, DescribedBody, SessionWriter } from "../write-session.js";
import { type Difference, differencesOf } from "./applied-differences.js";
import { AppliedMessages, type MessageChange } from "./applied-web-socket.js";
import { changedExchange } from "./changed-exchange.js";
import { ExchangeRedaction } from "./kept-out/exchange-redaction.js";
import { RedactedWriter } from "./kept-out/redacted-writer.js";
import type { MessageCounts, MessageTally, MessageTotals } from "./message-tally.js";
import { isOpaque, recordedInput } from "./trial-input.js";

/** What rules did to one exchange. */
export interface ExchangeChange {
  readonly id: string;
  readonly seq: number;
  readonly method: string;
  readonly url: string;
  /** Names, in the order in which they acted. */
  readonly rules: readonly string[];
  /** False: a rule keeps it out of the recording. */
  readonly recorded: boolean;
  readonly differences: readonly Difference[];
  /** Of a WebSocket whose messages a rule may concern. */
  readonly messages?: MessagesChange;
  readonly notes: readonly string[];
}

/** What rules did to the messages of one WebSocket. */
interface MessagesChange extends MessageTotals {
  readonly rules: readonly ({ readonly name: string } & MessageCounts)[];
  /** The first of them, one by one. */
  readonly changes: readonly MessageChange[];
}

export interface AppliedExchange {
  readonly change: ExchangeChange;
  /** Of a WebSocket whose messages a rule may concern. */
  readonly tally: MessageTally | undefined;
}

export interface Application {
  readonly set: RuleSet;
  readonly surroundings: Surroundings;
  /** Numbers secrets for all exchanges of the new session. */
  readonly secrets: () => Redaction;
  /** Undefined: nothing is written. */
  readonly writer: SessionWriter | undefined;
  /** How many changed messages are told one by one. */
  readonly changesKept: number;
}

/** @returns undefined where no rule acts: it stays as it is, and nothing has been written */
export async function apply(
  selected: Selected,
  { set, surroundings, secrets, writer, changesKept }: Application,
): Promise<AppliedExchange | undefined> {
  const before = await selected.exchange();
  if (isOpaque(before)) return undefined;
  const { trial, webSocket } = await tryWithMessages(set, await recordedInput(selected), surroundings);
  const { effect, acting } = trial;
  // A rule of which it can't be told whether it matches keeps out what it names, as in traffic.
  if (acting.length === 0 && effect.keptOut.length === 0) return undefined;
  const exchange = changedExchange(before, effect, acting);
  const messages =
    exchange.kind === "websocket" ? new AppliedMessages(selected, webSocket, changesKept) : undefined;
  const redaction = effect.keptOut.length === 0 ? undefined : new ExchangeRedaction(effect.keptOut, secrets);
  const allowed = effect.recorded ? redacting(writer, exchange, redaction) : undefined;
  await handOver({ selected, before, exchange, effect, messages }, allowed);
  const tally = webSocket === undefined ? undefined : messages?.tally;
  return {
    tally,
    change: {
      id: before.id,
      seq: before.seq,
      method: before.request.method,
      url: before.request.url,
      rules: acting,
      recorded: effect.recorded,
      differences: differencesOf(before, exchange, effect),
      ...(tally === undefined ? {} : { messages: messagesChange(tally, messages?.changes ?? []) }),
      notes: [...effect.notes, ...(messages?.notes ?? [])],
    },
  };
}

interface NewExchange {
  readonly selected: Selected;
  readonly before: Exchange;
  readonly exchange: Exchange;
  readonly effect: TrialEffect;
  readonly messages: AppliedMessages | undefined;
}

function redacting(
  writer: SessionWriter | undefined,
  exchange: Exchange,
  redaction: ExchangeRedaction | undefined,
): SessionWriter | undefined {
  if (writer === undefined || redaction === undefined) return writer;
  return new RedactedWriter(writer, redaction, exchange);
}

/** The one place where what rules made of an exchange gets to the new session. */
async function handOver(
  { selected, before, exchange, effect, messages }: NewExchange,
  writer: SessionWriter | undefined,
): Promise<void> {
  const messageCount = await messages?.pass(writer);
  if (writer === undefined) return;
  const response = await responseBody(selected, before, effect);
  const counted =
    exchange.kind === "websocket" && messageCount !== undefined ? { ...exchange, messageCount } : exchange;
  await writer.exchange(counted, {
    request: await storedBytes(selected, before.request.body),
    ...(response === undefined ? {} : { response }),
  });
}

async function responseBody(
  selected: Selected,
  before: Exchange,
  { response }: TrialEffect,
): Promise<BodyBytes | DescribedBody | undefined> {
  if (response?.body !== undefined) {
    const bytes = Buffer.isBuffer(response.body) ? response.body : response.body.read();
    return { bytes, describe: (stored) => stored };
  }
  const was = before.kind === "tunnel" ? undefined : before.response;
  return response === undefined || was === undefined ? undefined : await storedBytes(selected, was.body);
}

function messagesChange(tally: MessageTally, changes: readonly MessageChange[]): MessagesChange {
  return {
    ...tally.totals,
    rules: [...tally.byRule].map(([name, counts]) => ({ name, ...counts })),
    changes,
  };
}
