// The recorded messages of a WebSocket as rules would have let them pass: one after the other, as the proxy asks for them.
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import { BODY_LIMIT } from "../../rules/limits.js";
import type { Injected, MessageDraft } from "../../rules/message-draft.js";
import type { CarriedOut } from "../../rules/trial-run.js";
import type { Selected } from "../query.js";

/** A WebSocket under rules: what becomes of one message. */
export type RuledWebSocket = NonNullable<CarriedOut["webSocket"]>;

export interface RuledMessage {
  readonly message: WebSocketMessage;
  /** Undefined of what no rule is asked about: control messages, and those that are not all there or too long. */
  readonly draft: MessageDraft | undefined;
  /** Those that go out behind it: none goes where a side has said that it is closed. */
  readonly injected: readonly Injected[];
}

const CLOSE = 8;

/** @param webSocket undefined: no rule concerns them */
export async function* ruledMessages(
  selected: Selected,
  webSocket: RuledWebSocket | undefined,
): AsyncGenerator<RuledMessage, void, void> {
  const closed = new Set<WebSocketMessage["direction"]>();
  for await (const message of selected.messages()) {
    if (message.opcode === CLOSE) closed.add(message.direction);
    const draft = webSocket === undefined ? undefined : await draftOf(selected, message, webSocket);
    const injected = draft?.injected.filter(({ direction }) => !closed.has(direction)) ?? [];
    yield { message, draft, injected };
  }
}

/** Whether rules are asked about messages of its kind. */
export function isData({ opcode }: Pick<WebSocketMessage, "opcode">): boolean {
  return opcode === 1 || opcode === 2;
}

async function draftOf(
  selected: Selected,
  { direction, opcode, body }: WebSocketMessage,
  webSocket: RuledWebSocket,
): Promise<MessageDraft | undefined> {
  if (opcode !== 1 && opcode !== 2) return undefined;
  if (body.kind === "omitted" || body.truncated !== undefined || body.size > BODY_LIMIT) return undefined;
  return webSocket.message(direction, opcode, await selected.storedBody(body, BODY_LIMIT));
}
