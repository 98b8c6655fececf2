// message: changes, drops and answers the messages of a WebSocket.
import { z } from "zod";
import { defineAction } from "../acting.js";
import type { Injected, MessageDraft } from "../message-draft.js";
import { compileRegexLiteral, isRegex } from "../regex.js";
import { compileReplacements } from "../replace.js";
import type { Scope } from "../scope.js";
import { replacements } from "../settings.js";

const content = {
  text: z.string().optional(),
  json: z.unknown().optional().describe("Any value, which is written as JSON."),
  base64: z.string().optional().describe("A binary message."),
};
const direction = z.enum(["send", "receive"]).describe("send: from the client; receive: from the server.");
const schema = z.strictObject({
  direction: direction.optional().describe("Only messages that go this way; both ways by default."),
  match: z
    .string()
    .min(1)
    .optional()
    .describe("Only messages with this text, or that a /regular expression/ matches."),
  replace: replacements.optional().describe("Replaces texts in the message."),
  set: z.strictObject(content).optional().describe("Another message in its place."),
  drop: z.literal(true).optional().describe("The message goes no further."),
  inject: z
    .array(z.strictObject({ direction, ...content }))
    .optional()
    .describe("Messages of ours, behind this one."),
});

export const message = defineAction({
  name: "message",
  terminal: false,
  bare: undefined,
  help: "Acts on each message of a WebSocket that the rule's match selected: changes it, drops it, adds others. The recording has what the client sent, and what it got.",
  example: `
name: prices are always 1
match: {url: "wss://stream.example.com/*"}
actions:
  message:
    direction: receive
    match: '"type":"price"'
    replace: {find: '/"price":[0-9.]+/', with: '"price":1'}
`,
  schema,
  compile(settings, scope) {
    const matches = compileMatch(settings.match, scope.at("match"));
    const replace =
      settings.replace === undefined ? undefined : compileReplacements(settings.replace, scope.at("replace"));
    const set =
      settings.set === undefined ? undefined : made({ ...settings.set, direction: "send" }, scope.at("set"));
    const inject = (settings.inject ?? []).map((each, index) => made(each, scope.at("inject", index)));
    if (
      [settings.replace, settings.set, settings.drop, settings.inject].every((part) => part === undefined)
    ) {
      scope.report("there is nothing to do with the messages", "name replace, set, drop or inject");
    }
    return {
      does: [
        ...(settings.drop === undefined ? [] : ["drops messages"]),
        ...(replace?.does ?? []).map((what) => `in messages ${what}`),
        ...(set === undefined ? [] : ["sets messages"]),
        ...(inject.length === 0 ? [] : [`injects ${inject.length} messages`]),
      ].join("; "),
      message(draft) {
        if (settings.direction !== undefined && settings.direction !== draft.direction) return "direction";
        if (!matches(draft)) return "text";
        if (set !== undefined) draft.put(set.opcode, set.data);
        const { text } = draft;
        if (replace !== undefined && text !== undefined)
          draft.put(draft.opcode, Buffer.from(replace.apply(text)));
        if (settings.drop === true) draft.dropped = true;
        draft.injected.push(...inject);
        return undefined;
      },
    };
  },
});

function compileMatch(text: string | undefined, scope: Scope): (draft: MessageDraft) => boolean {
  if (text === undefined) return () => true;
  if (!isRegex(text)) return (draft) => draft.text?.includes(text) ?? false;
  const regex = scope.attempt(() => compileRegexLiteral(text));
  return (draft) => draft.text !== undefined && (regex?.test(draft.text) ?? false);
}

type Content = z.output<z.ZodObject<typeof content>> & { readonly direction: "send" | "receive" };

function made(settings: Content, scope: Scope): Injected {
  const given = (["text", "json", "base64"] as const).filter((key) => settings[key] !== undefined);
  if (given.length !== 1) scope.report("a message is one of text, json and base64");
  const { text, json, base64, direction: way } = settings;
  if (base64 !== undefined) return { direction: way, opcode: 2, data: Buffer.from(base64, "base64") };
  return { direction: way, opcode: 1, data: Buffer.from(text ?? JSON.stringify(json ?? null)) };
}
