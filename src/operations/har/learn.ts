// The first pass of an export: takes note of every secret, so that the second replaces it everywhere, also where it
// stands before the place that gives it away.
import type { Exchange } from "../../exchange/exchange.js";
import type { ExportProgress } from "../export-har.js";
import type { Selected, Selection } from "../query.js";
import type { Redaction } from "../redaction.js";
import { heldContent, type Message } from "./contents.js";
import { redactable, windows } from "./messages.js";

interface LearnOptions {
  readonly bodies?: boolean;
  readonly onExported?: ((progress: ExportProgress) => void) | undefined;
}

export async function learnAll(
  selection: Selection,
  redaction: Redaction,
  { bodies = true, onExported }: LearnOptions,
): Promise<void> {
  let done = 0;
  for await (const selected of selection) {
    const exchange = await selected.exchange();
    redaction.learnExchange(exchange);
    if (bodies && exchange.kind !== "tunnel") await learnBodies(selected, exchange, redaction);
    onExported?.({ what: "learning", done: ++done, total: selection.given });
  }
}

async function learnBodies(selected: Selected, exchange: Exchange, redaction: Redaction): Promise<void> {
  const { url } = exchange.request;
  const learn = async (message: Message, side: "request" | "response"): Promise<void> => {
    const { kind } = message.body;
    if (kind === "empty" || kind === "omitted" || redaction.learnsNothingFrom(message.headers)) return;
    // Of a larger one the beginning: what is written of it is looked at as a whole all the same.
    const { bytes } = await heldContent(selected, message);
    redaction.learnContent(bytes, { headers: message.headers, side, url });
  };
  await learn(exchange.request, "request");
  if (exchange.kind !== "tunnel" && exchange.response !== undefined)
    await learn(exchange.response, "response");
  if (exchange.kind !== "websocket") return;
  for await (const window of windows(selected)) {
    redaction.learnMessages(window.map(redactable), url);
  }
}
