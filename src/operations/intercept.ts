// `trafficctl intercept`: what a running proxy holds, and how it goes on.
import {
  dropHeldMethod,
  type HeldEdit,
  type HeldList,
  type HeldSummary,
  listHeldMethod,
  resumeAllHeldMethod,
  resumeHeldMethod,
  type ShownHeld,
  setInterceptMethod,
  showHeldMethod,
} from "../control/intercept-methods.js";
import { connectProxy, type ProxyReference } from "./control.js";

export type { HeldEdit, HeldList, HeldSummary, ShownHeld } from "../control/intercept-methods.js";

type OfSession<T> = T & { readonly session: string };
type HeldReference = ProxyReference & { readonly id: number };

/** @param input.filter null holds nothing more; what is held stays so. @throws TrafficError NOT_RUNNING, FILTER_INVALID */
export async function setIntercept(
  input: ProxyReference & { readonly filter: string | null },
): Promise<OfSession<HeldList>> {
  using client = await connectProxy(input);
  const list = await client.call(setInterceptMethod, { filter: input.filter });
  return { session: client.proxy.session, ...list };
}

/** @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS */
export async function listHeld(input: ProxyReference): Promise<OfSession<HeldList>> {
  using client = await connectProxy(input);
  return { session: client.proxy.session, ...(await client.call(listHeldMethod, {})) };
}

/** @throws TrafficError NOT_RUNNING, EXCHANGE_NOT_FOUND */
export async function showHeld(input: HeldReference): Promise<OfSession<ShownHeld>> {
  using client = await connectProxy(input);
  return { session: client.proxy.session, ...(await client.call(showHeldMethod, { id: input.id })) };
}

/** @param input.edit what is to be other than it is. @throws TrafficError NOT_RUNNING, EXCHANGE_NOT_FOUND, BAD_OPTION */
export async function resumeHeld(
  input: HeldReference & { readonly edit?: HeldEdit },
): Promise<OfSession<HeldSummary>> {
  using client = await connectProxy(input);
  const { id, edit } = input;
  const resumed = await client.call(resumeHeldMethod, edit === undefined ? { id } : { id, edit });
  return { session: client.proxy.session, ...resumed };
}

/** @throws TrafficError NOT_RUNNING */
export async function resumeAllHeld(
  input: ProxyReference,
): Promise<OfSession<{ readonly resumed: readonly HeldSummary[] }>> {
  using client = await connectProxy(input);
  return { session: client.proxy.session, ...(await client.call(resumeAllHeldMethod, {})) };
}

/** Its connection is closed without an answer. @throws TrafficError NOT_RUNNING, EXCHANGE_NOT_FOUND */
export async function dropHeld(input: HeldReference): Promise<OfSession<HeldSummary>> {
  using client = await connectProxy(input);
  return { session: client.proxy.session, ...(await client.call(dropHeldMethod, { id: input.id })) };
}
