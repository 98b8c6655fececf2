// respond: an answer of ours; the origin is never asked. For a rule that matches by the response, in place of it.
import { z } from "zod";
import { contentCodings } from "../../content/codings.js";
import { encodeContent } from "../../content/encode.js";
import { parseMediaType } from "../../content/media-type.js";
import { encodeText } from "../../content/text.js";
import { TrafficError } from "../../errors.js";
import { defineAction } from "../acting.js";
import { type BodyMaker, bodyShape, compileBody } from "../body-maker.js";
import { templatesOf } from "../edit-headers.js";
import { reasonOf } from "../response-draft.js";
import { headerFields, status } from "../settings.js";
import type { Template } from "../template.js";
import type { Values } from "../values.js";
import { delayRange, delaySetting } from "./delay.js";

const schema = z.strictObject({
  status: status.default(200),
  reason: z
    .string()
    .regex(/^[\t -~]*$/, "printable characters only")
    .optional(),
  headers: headerFields.optional().describe("Header fields; a list makes several fields of one name."),
  ...bodyShape,
  delay: delaySetting.optional(),
});

export const respond = defineAction({
  name: "respond",
  terminal: true,
  bare: undefined,
  help: "Answers by itself; the origin is not asked. With a match that looks at the response, answers in its place.",
  example: `
name: one order
match: {method: GET, url: "https://api.example.com/orders/*"}
actions:
  respond:
    status: 200
    headers: {x-mock: "yes"}
    json: {id: "{{request.query.id}}", at: "{{now}}"}
`,
  schema,
  async compile(settings, scope) {
    const fields = templatesOf(settings.headers, scope.at("headers"));
    const type = fields.find(([name]) => name.toLowerCase() === "content-type")?.[1][0];
    const maker = await compileBody(settings, scope, type?.constant);
    if (maker !== undefined && (settings.status === 204 || settings.status === 304)) {
      scope
        .at("status")
        .report(`a response ${settings.status} has no body`, "use another status, or leave the body out");
    }
    const delay = settings.delay === undefined ? undefined : delayRange(settings.delay, scope.at("delay"));
    const reason = settings.reason ?? reasonOf(settings.status);
    return {
      does: `answers ${settings.status}${maker === undefined ? "" : ` with ${maker.does}`}`,
      needsRequestBody:
        (maker?.needsRequestBody ?? false) ||
        fields.some(([, templates]) => templates.some(({ needsBody }) => needsBody)),
      async once(draft, values) {
        if (delay !== undefined) draft.delayMs += delay.draw(values);
        const headers = rendered(fields, values);
        const body = await content(maker, headers, values);
        if (settings.status !== 204 && settings.status !== 304)
          headers.push(["Content-Length", String(body.length)]);
        draft.answer = { status: settings.status, reason, headers, body };
      },
    };
  },
});

function rendered(fields: ReturnType<typeof templatesOf>, values: Values): [string, string][] {
  return fields.flatMap(([name, templates]) =>
    templates.map((template: Template): [string, string] => [name, bytesOf(template.render(values))]),
  );
}

function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The body's bytes; its Content-Type is added where the fields have none. A file, or base64, has its coding already. */
async function content(
  maker: BodyMaker | undefined,
  headers: [string, string][],
  values: Values,
): Promise<Buffer> {
  if (maker === undefined) return Buffer.alloc(0);
  let type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  if (type === undefined && maker.type !== undefined) {
    type = maker.type;
    headers.push(["Content-Type", type]);
  }
  const made = maker.make(values);
  if (Buffer.isBuffer(made)) return made;
  const charset = parseMediaType(type ?? "").parameters.get("charset") ?? "utf-8";
  const bytes = encodeText(made, charset) ?? Buffer.from(made, "utf8");
  // A coding that can't be written here is the rule's own business.
  return await encodeContent(bytes, contentCodings(headers)).catch((error: unknown) => {
    if (error instanceof TrafficError) return bytes;
    throw error;
  });
}
