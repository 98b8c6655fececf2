// The response to a request that was just sent, as `show` has it in short.
import { describeExchange } from "./show/exchange-text.js";
import type { TextOptions } from "./text-options.js";

export async function responseText(
  home: string,
  session: string,
  id: string,
  options: TextOptions,
): Promise<string> {
  const { show } = await import("../operations/show.js");
  const shown = await show({ home, session, exchange: id });
  return describeExchange(shown, { facts: false, request: false, response: true, bodies: true }, options);
}
