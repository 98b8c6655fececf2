// Asks whether an intervention concerns an exchange: the one call that each request costs.
import type { Capture } from "../capture.js";
import type { FlowRequest } from "../exchange-flow/flow-services.js";
import type { ExchangeIntervention, Intervention } from "../intervention.js";
import { RequestView } from "./request-view.js";
import { RuledExchange, type RuledFlow } from "./ruled-exchange.js";
import { RuledOrigin } from "./ruled-origin.js";

/** @param go told who stands in for the origin; undefined where nothing concerns the exchange */
export function intervene(
  intervention: Intervention,
  request: FlowRequest,
  capture: Capture | undefined,
  flow: RuledFlow,
  go: (ruled: RuledOrigin | undefined) => void,
): void {
  const head = new RequestView(request, capture?.id);
  let acts: ExchangeIntervention | undefined;
  try {
    acts = intervention.begin(head);
  } catch (error) {
    const message = `a rule failed: ${error instanceof Error ? error.message : String(error)}`;
    flow.fail({ code: "internal", message });
    return;
  }
  go(
    acts === undefined
      ? undefined
      : new RuledOrigin(new RuledExchange(acts, flow, { request, head, capture })),
  );
}
