// throttle: bodies pass at a rate.
import { z } from "zod";
import { defineAction } from "../acting.js";
import type { Scope } from "../scope.js";
import { parseRate } from "../units.js";

const rate = z.union([z.number(), z.string()]).describe("Bytes per second: 50000, 50KB, 1.5MB.");
const schema = z.union([
  rate,
  z.strictObject({
    down: rate.optional().describe("The response's body."),
    up: rate.optional().describe("The request's body."),
  }),
]);

export const throttle = defineAction({
  name: "throttle",
  terminal: false,
  bare: undefined,
  help: "Lets the bodies pass at so many bytes per second.",
  example: `
name: a slow line
match: {host: "*.example.com"}
actions:
  throttle: {down: 100KB, up: 20KB}
`,
  schema,
  compile(settings, scope) {
    const isObject = typeof settings === "object";
    const down = isObject ? rateOf(settings.down, scope.at("down")) : rateOf(settings, scope);
    const up = isObject ? rateOf(settings.up, scope.at("up")) : down;
    if (isObject && settings.down === undefined && settings.up === undefined) {
      scope.report("a throttle needs down, up or both", "write throttle: 100KB for both");
    }
    const limits = { ...(up === undefined ? {} : { up }), ...(down === undefined ? {} : { down }) };
    const parts = Object.entries(limits).map(([way, bytes]) => `${bytes} bytes/s ${way}`);
    return {
      does: `throttles to ${parts.join(", ")}`,
      once(draft) {
        draft.throttle = { ...draft.throttle, ...limits };
      },
    };
  },
});

function rateOf(value: string | number | undefined, scope: Scope): number | undefined {
  if (value === undefined) return undefined;
  const bytes = parseRate(value);
  if (bytes === undefined)
    scope.report(`'${value}' is no number of bytes per second`, "write 50000, 50KB or 1.5MB");
  return bytes;
}
