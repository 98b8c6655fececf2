// set-response: changes a response on its way to the client, whoever answered.
import { z } from "zod";
import { defineAction } from "../acting.js";
import { bodyShape, compileBody, writeBody } from "../body-maker.js";
import { compileBodyEdits } from "../edit-body.js";
import { compileHeaderEdits } from "../edit-headers.js";
import { headerEdits, jsonEdits, replacements, status } from "../settings.js";

const schema = z.strictObject({
  status: status.optional(),
  reason: z
    .string()
    .regex(/^[\t -~]*$/, "printable characters only")
    .optional(),
  headers: headerEdits.optional(),
  body: z.strictObject(bodyShape).optional().describe("Another body."),
  replace: replacements.optional().describe("Replaces texts in the body."),
  "edit-json": jsonEdits.optional().describe("Changes values in a JSON body."),
});

export const setResponse = defineAction({
  name: "set-response",
  terminal: false,
  bare: undefined,
  help: "Changes the response before the client gets it: status, header fields, body.",
  example: `
name: CORS for everyone
match: {host: api.example.com}
actions:
  set-response:
    headers: {set: {access-control-allow-origin: "*"}, remove: [content-security-policy]}
    replace: {find: "/https?://cdn[.]example[.]com/", with: "http://localhost:8080"}
`,
  schema,
  async compile(settings, scope) {
    const headers = compileHeaderEdits(settings.headers, scope.at("headers"));
    const body = await compileBody(settings.body ?? {}, scope.at("body"), undefined);
    const edits = compileBodyEdits(settings, scope);
    const does = [
      ...(settings.status === undefined ? [] : [`sets the status ${settings.status}`]),
      ...(settings.reason === undefined ? [] : [`sets the reason ${settings.reason}`]),
      ...headers.does,
      ...(body === undefined ? [] : [`gives ${body.does}`]),
      ...edits.does,
    ];
    if (does.length === 0 && settings.body === undefined)
      scope.report("there is nothing to change", "name status, reason, headers, body, replace or edit-json");
    return {
      does: `in the response ${does.join("; ")}`,
      needsRequestBody: [headers, body, edits].some((part) => part?.needsRequestBody),
      needsResponseBody: edits.needsBody,
      async response(draft, values) {
        draft.status = settings.status ?? draft.status;
        draft.reason = settings.reason ?? draft.reason;
        headers.apply(draft.headers, values);
        if (body !== undefined) writeBody(draft.body, body, values, draft.headers.value("content-type"));
        await edits.apply(draft.body, values, draft.notes);
      },
    };
  },
});
