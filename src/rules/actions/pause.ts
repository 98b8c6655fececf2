// pause: a breakpoint.
import { z } from "zod";
import { defineAction } from "../acting.js";

const schema = z
  .union([z.literal(true), z.enum(["request", "response", "both"])])
  .describe("At which message; true means both.");

export const pause = defineAction({
  name: "pause",
  terminal: false,
  bare: true,
  help: "Holds the exchange until someone lets it go on: `trafficctl intercept`.",
  example: `
name: look at every order
match: ~m POST & ~u /orders
actions:
  pause: request
`,
  schema,
  compile(settings) {
    const [atRequest, atResponse] = [settings !== "response", settings !== "request"];
    return {
      // Whoever looks at it wants to see the body, and to change it.
      needsRequestBody: atRequest,
      holdsResponse: atResponse,
      does: `holds the ${atRequest && atResponse ? "request and the response" : atRequest ? "request" : "response"}`,
      ...(atRequest
        ? {
            request(draft) {
              draft.pause = true;
            },
          }
        : {}),
      ...(atResponse
        ? {
            response(draft) {
              draft.pause = true;
            },
          }
        : {}),
    };
  },
});
