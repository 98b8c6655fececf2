// tag: words in the record of an exchange.
import { z } from "zod";
import { defineAction } from "../acting.js";

const tagText = z.string().min(1).max(100);
const schema = z.union([tagText, z.array(tagText).min(1)]).describe("A word, or a list of them.");

export const tag = defineAction({
  name: "tag",
  terminal: false,
  bare: undefined,
  help: "Tags the exchange in the recording; the filter `~tag` finds it, also in the match of a rule behind this one.",
  example: `
name: mark failures
match: ~c 5xx
actions:
  tag: failed
`,
  schema,
  compile(settings) {
    const tags = [settings].flat();
    return { does: `tags ${tags.join(", ")}`, tags };
  },
});
