// redact: what never reaches the disk. The traffic itself stays as it is.
import { z } from "zod";
import { defineAction } from "../acting.js";
import { pointerSteps } from "../edit-body.js";

const names = z.array(z.string().min(1)).optional();
const named = z.strictObject({
  headers: names.describe("Names of header fields of request and response; `*` stands for any characters."),
  query: names.describe(
    "Names of parameters of the URL, its fragment, and addresses in header fields; `*` stands for any characters.",
  ),
  form: names.describe("Names of fields of forms, `*` included: urlencoded ones, and those with parts."),
  json: z
    .array(z.string())
    .optional()
    .describe(
      "JSON pointers of values in either body, in the parts of a form, in the data of events and in messages; a step `*` is any name or index.",
    ),
  body: z
    .union([z.literal(true), z.enum(["request", "response"])])
    .optional()
    .describe("Both bodies as a whole, or one of them."),
  secrets: z.literal(true).optional().describe("Whatever `export` would redact, found by itself."),
});
const schema = z.union([z.literal(true), named]);

export const redact = defineAction({
  name: "redact",
  terminal: false,
  bare: true,
  help: "Keeps values out of the recording: `REDACTED` stands in their place. The traffic is not changed. Alone (`actions: [redact]`) it leaves out whatever `export` would redact. It does so also where a rule before it decided the exchange.",
  example: `
name: passwords stay out of the recording
match: ~m POST & ~u /login
actions:
  redact: {json: [/password], form: [password], headers: [authorization, x-*-token]}
`,
  schema,
  compile(settings, scope) {
    const given: z.output<typeof named> = settings === true ? { secrets: true } : settings;
    const { headers = [], query = [], form = [], json = [], body, secrets = false } = given;
    const pointers = json.map((pointer, index) => pointerSteps(pointer, scope.at("json", index)));
    const bodies = body === true ? (["request", "response"] as const) : body === undefined ? [] : [body];
    const parts = [
      ...[...headers, ...query, ...form, ...json],
      ...bodies.map((side) => `the ${side}'s body`),
      ...(secrets ? ["secrets"] : []),
    ];
    if (parts.length === 0) {
      scope.report(
        "there is nothing to redact",
        "name headers, query, form, json or body, or write redact: true",
      );
    }
    return {
      does: `leaves ${parts.join(", ")} out of the recording`,
      keepsOut: { headers, query, form, json: pointers, bodies, secrets },
    };
  },
});
