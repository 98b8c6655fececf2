// What is done with a request of HTTP/1.
import type { ClientEnd, DetachedSocket } from "../ends.js";
import type { ExchangeFlow } from "../exchange-flow.js";
import type { OwnAnswer } from "../own-answer.js";

/** It is sent on as an exchange, answered here, or the connection is handed over (CONNECT). */
export type RequestRoute =
  | { readonly kind: "exchange"; readonly open: (client: ClientEnd) => ExchangeFlow }
  | { readonly kind: "answer"; readonly answer: OwnAnswer }
  | { readonly kind: "connect"; readonly take: (connection: DetachedSocket) => void };
