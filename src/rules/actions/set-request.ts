// set-request: changes a request on its way to the origin.
import { z } from "zod";
import { defineAction } from "../acting.js";
import { bodyShape, compileBody, writeBody } from "../body-maker.js";
import { compileBodyEdits } from "../edit-body.js";
import { compileHeaderEdits } from "../edit-headers.js";
import { compileQueryEdits } from "../edit-query.js";
import { headerEdits, jsonEdits, queryEdits, replacements } from "../settings.js";

const schema = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,40}$/, "this can't be a method")
    .optional(),
  headers: headerEdits.optional(),
  query: queryEdits.optional(),
  body: z.strictObject(bodyShape).optional().describe("Another body."),
  replace: replacements.optional().describe("Replaces texts in the body."),
  "edit-json": jsonEdits.optional().describe("Changes values in a JSON body."),
});

export const setRequest = defineAction({
  name: "set-request",
  terminal: false,
  bare: undefined,
  help: "Changes the request before it goes on: method, header fields, query, body.",
  example: `
name: staging token
match: {host: api.example.com}
actions:
  set-request:
    headers: {set: {authorization: Bearer staging}, remove: [cookie]}
    query: {set: {debug: "1"}}
    edit-json: {set: {/user/name: Bob}, remove: [/trace]}
`,
  schema,
  async compile(settings, scope) {
    const headers = compileHeaderEdits(settings.headers, scope.at("headers"));
    const query = compileQueryEdits(settings.query, scope.at("query"));
    const body = await compileBody(settings.body ?? {}, scope.at("body"), undefined);
    const edits = compileBodyEdits(settings, scope);
    const does = [
      ...(settings.method === undefined ? [] : [`sets the method ${settings.method}`]),
      ...headers.does,
      ...query.does,
      ...(body === undefined ? [] : [`sends ${body.does}`]),
      ...edits.does,
    ];
    if (does.length === 0 && settings.body === undefined)
      scope.report("there is nothing to change", "name method, headers, query, body, replace or edit-json");
    return {
      does: does.join("; "),
      needsRequestBody:
        [headers, query, body, edits].some((part) => part?.needsRequestBody) || edits.needsBody,
      async request(draft, values) {
        draft.method = settings.method ?? draft.method;
        query.apply(draft, values);
        headers.apply(draft.headers, values);
        if (body !== undefined) writeBody(draft.body, body, values, draft.headers.value("content-type"));
        await edits.apply(draft.body, values, draft.notes);
      },
    };
  },
});
