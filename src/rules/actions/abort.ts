// abort: the client gets no answer.
import { z } from "zod";
import { defineAction } from "../acting.js";

const schema = z
  .enum(["close", "reset", "timeout"])
  .describe(
    "close: the connection ends; reset: it breaks off (TCP RST); timeout: nothing comes until the client gives up.",
  );

export const abort = defineAction({
  name: "abort",
  terminal: true,
  bare: "close",
  help: "Gives no answer: closes or resets the client's connection, or stays silent.",
  example: `
name: trackers are down
match: {host: "*.tracker.example"}
actions:
  abort: reset
`,
  schema,
  compile: (how) => ({
    does:
      how === "timeout"
        ? "never answers"
        : how === "reset"
          ? "resets the connection"
          : "closes the connection",
    once(draft) {
      draft.abort = how;
    },
  }),
});
