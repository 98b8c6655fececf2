// What a flow is made of: the services of the proxy, and the request that it is about.
import type { ClientEndpoint } from "../../exchange/exchange.js";
import type { DialTarget } from "../dial.js";
import type { OutgoingRequest } from "../ends.js";
import type { ExchangeFlow } from "../exchange-flow.js";
import type { ProxyHooks } from "../hooks.js";
import type { Upstream } from "../upstream.js";

export interface FlowServices {
  readonly hooks: ProxyHooks;
  readonly upstream: Pick<Upstream, "lease">;
  /** How long an origin may be silent before its response head. */
  readonly responseTimeoutMs: number;
  readonly flows: Set<ExchangeFlow>;
  /** Tunnels that are open, or over and about to be recorded, each a function that closes it. */
  readonly tunnels: Set<() => void>;
}

export interface FlowRequest {
  readonly url: string;
  readonly outgoing: OutgoingRequest;
  readonly target: DialTarget;
  readonly client: ClientEndpoint;
}
