// `trafficctl set`: the options of a running proxy, as they are and as they shall be.
import { getOptionsMethod, type ProxyOptionList, setOptionsMethod } from "../control/methods.js";
import type { Json } from "../session/manifest.js";
import { connectProxy, type ProxyReference } from "./control.js";

export interface ProxyOptions extends ProxyOptionList {
  readonly session: string;
}

/**
 * @param input by their names, `filter` and `max-body` say; null for what holds without the option. All or none are set.
 * @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS, BAD_OPTION, FILTER_INVALID
 */
export async function setOptions(
  input: ProxyReference & { readonly values: Readonly<Record<string, Json>> },
): Promise<ProxyOptions> {
  using client = await connectProxy(input);
  const list = await client.call(setOptionsMethod, { values: { ...input.values } });
  return { session: client.proxy.session, ...list };
}

/** @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS */
export async function getOptions(input: ProxyReference): Promise<ProxyOptions> {
  using client = await connectProxy(input);
  return { session: client.proxy.session, ...(await client.call(getOptionsMethod, {})) };
}
