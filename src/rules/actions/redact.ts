// redact: what never reaches the disk. The traffic itself stays as it is.
import { z } from "zod";
import { defineAction } from "../acting.js";
import { pointerSteps } from "../edit-body.js";

const names = z.array(z.string().min(1)).optional();
const schema = z.strictObject({
  headers: names.describe("Names of header fields of request and response; `*` stands for any characters."),
  query: names.describe("Names of parameters of the URL; `*` stands for any characters."),
  json: z.array(z.string()).optional().describe("JSON pointers of values in either body."),
  body: z.literal(true).optional().describe("Both bodies as a whole."),
});

export const redact = defineAction({
  name: "redact",
  terminal: false,
  bare: undefined,
  help: "Keeps values out of the recording; the traffic is not changed. An exchange that has such a rule is left out of the recording as a whole, since a part of it can't be left out yet.",
  example: `
name: passwords stay out of the recording
match: ~m POST & ~u /login
actions:
  redact: {json: [/password], headers: [authorization, x-*-token]}
`,
  schema,
  compile(settings, scope) {
    const { headers = [], query = [], json = [], body = false } = settings;
    for (const [index, pointer] of json.entries()) pointerSteps(pointer, scope.at("json", index));
    const parts = [...headers, ...query, ...json, ...(body ? ["the bodies"] : [])];
    if (parts.length === 0) scope.report("there is nothing to redact", "name headers, query, json or body");
    return {
      does: `leaves ${parts.join(", ")} out of the recording`,
      once({ marks }) {
        marks.redactions.push({ headers, query, json, body });
      },
    };
  },
});
