// delay: an exchange waits before it goes on.
import { z } from "zod";
import { defineAction } from "../acting.js";
import type { Scope } from "../scope.js";
import { parseDelayRange } from "../units.js";
import type { Values } from "../values.js";

export const delaySetting = z
  .union([z.number().min(0), z.string()])
  .describe("Milliseconds, or `200ms`, `1.5s`, or a range to draw from: `100ms..2s`. At most an hour.");

const schema = delaySetting;

export const delay = defineAction({
  name: "delay",
  terminal: false,
  bare: undefined,
  help: "Holds the request for a while before it goes on; the response, where the match looks at the response.",
  example: `
name: a slow API
match: ~d api.example.com
actions:
  delay: 300ms..1s
`,
  schema,
  compile(settings, scope) {
    const range = delayRange(settings, scope);
    return {
      does: `waits ${range.min === range.max ? range.min : `${range.min} to ${range.max}`} ms`,
      once(draft, values) {
        draft.delayMs += range.draw(values);
      },
    };
  },
});

export function delayRange(
  settings: z.output<typeof delaySetting>,
  scope: Scope,
): { readonly min: number; readonly max: number; draw(values: Values): number } {
  const range = parseDelayRange(settings);
  if (range === undefined)
    scope.report(`'${settings}' is no duration up to an hour`, "write 200ms, 1.5s or 100ms..2s");
  const { min, max } = range ?? { min: 0, max: 0 };
  return { min, max, draw: ({ chance }) => (max > min ? min + chance.fraction() * (max - min) : min) };
}
