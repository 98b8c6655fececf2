// What rules would do with messages of a WebSocket, those that someone describes and those of a recording.
import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { TrafficError } from "../../errors.js";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import type { DataOpcode, Direction, Injected, MessageDraft } from "../../rules/message-draft.js";
import type { Selected } from "../query.js";
import { type MessageContent, messageContent } from "./message-content.js";
import { MessageTally, type MessageTotals } from "./message-tally.js";
import { type RuledMessage, type RuledWebSocket, ruledMessages } from "./ruled-messages.js";

interface ContentWithKind {
  /** 1 text, 2 binary. */
  readonly opcode: DataOpcode;
  readonly content: MessageContent;
}

export interface TestedMessage extends ContentWithKind {
  /** Its number in the recording; null for one that was described. */
  readonly seq: number | null;
  /** `send`: from the client. */
  readonly direction: Direction;
  readonly outcome: "kept" | "changed" | "dropped";
  /** Where it is changed. */
  readonly after: ContentWithKind | null;
  readonly injected: readonly (ContentWithKind & { readonly direction: Direction })[];
  /** Of each rule for messages whose match holds, in order. */
  readonly rules: readonly {
    readonly name: string;
    readonly outcome: "acts" | "other-direction" | "no-match";
  }[];
  readonly notes: readonly string[];
}

export interface TestedMessages extends MessageTotals {
  /** Described ones: all; of a recording the first that rules do something to. */
  readonly shown: readonly TestedMessage[];
}

const MOST_SHOWN = 100;

/** A message as someone describes it. */
interface DescribedMessage {
  readonly direction: Direction;
  readonly opcode: DataOpcode;
  readonly data: Buffer;
}

/**
 * @param text `send:TEXT`, `receive:TEXT`, or a text that is tried both ways; `@file` for a text names a file
 * @throws TrafficError FILE_NOT_FOUND
 */
export async function describedMessages(text: string): Promise<readonly DescribedMessage[]> {
  const [, way, content = ""] = /^(?:(send|receive):)?(.*)$/s.exec(text) ?? [];
  const data = content.startsWith("@") ? await fileContent(content) : Buffer.from(content);
  const directions: readonly Direction[] = way === "send" || way === "receive" ? [way] : ["send", "receive"];
  return directions.map((direction) => ({ direction, opcode: isUtf8(data) ? 1 : 2, data }));
}

/** @param webSocket undefined where no rule concerns messages: then they pass as they are */
export function testDescribed(
  messages: readonly DescribedMessage[],
  webSocket: RuledWebSocket | undefined,
): TestedMessages {
  const tally = new MessageTally();
  const shown = messages.map(({ direction, opcode, data }) => {
    const draft = webSocket?.message(direction, opcode, data);
    const injected = draft?.injected ?? [];
    tally.add({ message: { opcode }, draft, injected });
    return tested({ seq: null, direction, opcode, data }, draft, injected);
  });
  const { totals } = tally;
  // None of them is out of the rules' sight.
  return { ...totals, seen: messages.length, unseen: 0, shown };
}

/** Those of a recorded WebSocket, in their order. */
export async function testRecorded(
  selected: Selected,
  webSocket: RuledWebSocket | undefined,
): Promise<TestedMessages> {
  const tally = new MessageTally();
  const shown: TestedMessage[] = [];
  if (webSocket === undefined) return { ...tally.totals, shown };
  for await (const ruled of ruledMessages(selected, webSocket)) {
    tally.add(ruled);
    const { message, draft, injected } = ruled;
    if (draft === undefined || shown.length >= MOST_SHOWN || !isTouched(ruled)) continue;
    const { seq, direction } = message;
    shown.push(tested({ seq, direction, opcode: openCode(message), data: draft.came }, draft, injected));
  }
  return { ...tally.totals, shown };
}

function isTouched({ draft, injected }: RuledMessage): boolean {
  return injected.length > 0 || (draft?.deeds.some(({ changed, dropped }) => changed || dropped) ?? false);
}

function openCode({ opcode }: WebSocketMessage): DataOpcode {
  return opcode === 2 ? 2 : 1;
}

function tested(
  { seq, direction, opcode, data }: DescribedMessage & { readonly seq: number | null },
  draft: MessageDraft | undefined,
  injected: readonly Injected[],
): TestedMessage {
  const isChanged = draft?.deeds.some(({ changed }) => changed) === true && !draft.dropped;
  return {
    seq,
    direction,
    opcode,
    content: messageContent(data),
    outcome: draft?.dropped === true ? "dropped" : isChanged ? "changed" : "kept",
    after: draft !== undefined && isChanged ? shownContent(draft) : null,
    injected: injected.map((each) => ({ direction: each.direction, ...shownContent(each) })),
    rules: (draft?.deeds ?? []).map(({ rule, missed }) => ({
      name: rule,
      outcome: missed === undefined ? "acts" : missed === "direction" ? "other-direction" : "no-match",
    })),
    notes: draft?.notes ?? [],
  };
}

function shownContent({ opcode, data }: Pick<Injected, "opcode" | "data">): ContentWithKind {
  return { opcode, content: messageContent(data) };
}

async function fileContent(text: string): Promise<Buffer> {
  return await readFile(text.slice(1)).catch((cause: unknown) => {
    throw new TrafficError("FILE_NOT_FOUND", `--message ${text}: the file can't be read`, { cause });
  });
}
