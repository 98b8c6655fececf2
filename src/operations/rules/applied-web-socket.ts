// The messages of a recorded WebSocket as they would have been recorded under rules: those of the client as it sent them,
// those of the server as the client would have got them. What went on to the origin is told by the report alone.
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import type { Injected, MessageDraft } from "../../rules/message-draft.js";
import { storedBytes } from "../merge.js";
import type { Selected } from "../query.js";
import type { SessionWriter } from "../write-session.js";
import { type MessageContent, messageContent } from "./message-content.js";
import { MessageTally } from "./message-tally.js";
import { type RuledMessage, type RuledWebSocket, ruledMessages } from "./ruled-messages.js";

/** One message that is other than it was, or not there any more, or new. */
export interface MessageChange {
  /** Its number in the recording; of a new one, that of the message it goes out behind. */
  readonly seq: number;
  readonly direction: WebSocketMessage["direction"];
  /** null: it is injected. */
  readonly before: MessageContent | null;
  /** null: it is dropped. */
  readonly after: MessageContent | null;
  /** Names, in the order in which they acted on it. */
  readonly rules: readonly string[];
}

export class AppliedMessages {
  readonly tally = new MessageTally();
  /** The first of them. */
  readonly changes: MessageChange[] = [];
  readonly notes: string[] = [];
  readonly #selected: Selected;
  readonly #webSocket: RuledWebSocket | undefined;
  readonly #changesKept: number;

  /** @param webSocket undefined: they stay as they are. @param changesKept how many of them are told one by one */
  constructor(selected: Selected, webSocket: RuledWebSocket | undefined, changesKept: number) {
    this.#selected = selected;
    this.#webSocket = webSocket;
    this.#changesKept = changesKept;
  }

  /**
   * Lets all of them pass, one after the other, and notes what becomes of each. Once.
   * @param writer gets them; undefined: nobody does
   * @returns how many messages the new recording has
   */
  async pass(writer: SessionWriter | undefined): Promise<number> {
    const isRuled = this.#webSocket !== undefined;
    if (!isRuled && writer === undefined) return 0;
    let count = 0;
    for await (const ruled of ruledMessages(this.#selected, this.#webSocket)) {
      if (isRuled) this.tally.add(ruled);
      this.#note(ruled);
      for (const { message, data } of recorded(ruled, isRuled)) {
        count++;
        if (writer === undefined) continue;
        const bytes = data ?? (await storedBytes(this.#selected, message.body));
        await writer.message({ ...message, seq: count }, bytes);
      }
    }
    return count;
  }

  #note({ message: { seq, direction }, draft, injected }: RuledMessage): void {
    if (draft === undefined) return;
    for (const note of draft.notes) {
      if (this.notes.length < NOTES_KEPT && !this.notes.includes(note)) this.notes.push(note);
    }
    const rules = namesOf(draft, (deed) => deed.changed || deed.dropped);
    if (rules.length > 0) {
      this.#keep(() => ({
        seq,
        direction,
        before: messageContent(draft.came),
        after: draft.dropped ? null : messageContent(draft.data),
        rules,
      }));
    }
    for (const each of injected) {
      this.#keep(() => ({
        seq,
        direction: each.direction,
        before: null,
        after: messageContent(each.data),
        rules: namesOf(draft, (deed) => deed.injected.includes(each)),
      }));
    }
  }

  #keep(change: () => MessageChange): void {
    if (this.changes.length < this.#changesKept) this.changes.push(change());
  }
}

const NOTES_KEPT = 100;

interface RecordedMessage {
  readonly message: WebSocketMessage;
  /** Undefined: as it is stored. */
  readonly data: Buffer | undefined;
}

function recorded({ message, draft, injected }: RuledMessage, isRuled: boolean): RecordedMessage[] {
  const { compressed: _compressed, ...plain } = message;
  // No compression is agreed on for a WebSocket whose messages rules may change.
  const asItCame = isRuled ? plain : message;
  const isKept = draft === undefined || message.direction === "send";
  const received = draft === undefined || isKept || draft.dropped ? [] : [draft];
  return [
    ...(isKept ? [{ message: asItCame, data: draft?.came }] : []),
    ...[...received, ...injected.filter(({ direction }) => direction === "receive")].map((each) => ({
      message: { ...plain, direction: each.direction, ...contentOf(each) },
      data: each.data,
    })),
  ];
}

/** The writer says how it is stored. */
function contentOf({
  opcode,
  data,
}: Pick<Injected, "opcode" | "data">): Pick<WebSocketMessage, "opcode" | "body"> {
  return { opcode, body: { kind: "empty", size: data.length } };
}

function namesOf(draft: MessageDraft, did: (deed: MessageDraft["deeds"][number]) => boolean): string[] {
  return draft.deeds.filter(did).map(({ rule }) => rule);
}
