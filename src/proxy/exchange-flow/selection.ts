// Whether an exchange is recorded, where that depends on its response.
import type { OutgoingResponse } from "../ends.js";
import type { ProxyHooks } from "../hooks.js";
import type { FlowRequest } from "./flow-services.js";

export function isWanted(hooks: ProxyHooks, { outgoing, url }: FlowRequest, head: OutgoingResponse): boolean {
  const { status, headers } = head;
  const selection = hooks.select({
    method: outgoing.method,
    url,
    requestHeaders: outgoing.headers,
    response: { status, headers },
  });
  return selection === "record";
}
