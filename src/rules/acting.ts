// What an action is: a row of the table in actions.ts, and what the row makes of one rule's settings.
import type { z } from "zod";
import type { MessageDraft, MessageMiss } from "./message-draft.js";
import type { RequestDraft } from "./request-draft.js";
import type { ResponseDraft } from "./response-draft.js";
import type { Scope } from "./scope.js";
import type { Values } from "./values.js";

export type ActionName =
  | "respond"
  | "set-request"
  | "set-response"
  | "rewrite"
  | "serve-dir"
  | "delay"
  | "throttle"
  | "abort"
  | "pass"
  | "pause"
  | "tag"
  | "skip-recording"
  | "redact"
  | "message";

/** What a rule keeps out of the recording. The traffic is not changed by it. */
export interface KeptOut {
  /** Names, with `*` for any characters. */
  readonly headers: readonly string[];
  readonly query: readonly string[];
  readonly form: readonly string[];
  /** The steps of JSON pointers; `*` is any name or index. */
  readonly json: readonly (readonly string[])[];
  /** Bodies that are left out as a whole. */
  readonly bodies: readonly ("request" | "response")[];
  /** Whatever an export would redact. */
  readonly secrets: boolean;
}

/** One action of one rule, ready to act. Hooks that are absent have nothing to do there. */
export interface Acting {
  /** For a person: `answers 200 with 15 bytes of application/json`. */
  readonly does: string;
  /** It looks at the body, or changes it by what it was. */
  readonly needsRequestBody?: boolean;
  readonly needsResponseBody?: boolean;
  /** It holds the response, with its body; of an event stream, whose end may never come, the head. */
  readonly holdsResponse?: boolean;
  /** Of the exchange, as soon as it is decided that the rule acts: the rules behind it see them. */
  readonly tags?: readonly string[];
  /** Nothing of the exchange is recorded. */
  readonly skipsRecording?: true;
  readonly keepsOut?: KeptOut;
  /** On the request before it goes on. A rule whose match is decided later comes too late for it. */
  request?(draft: RequestDraft, values: Values): void | Promise<void>;
  /** On the response, whoever answered. */
  response?(draft: ResponseDraft, values: Values): void | Promise<void>;
  /** Once, on the message at which the rule's match was decided. */
  once?(draft: RequestDraft | ResponseDraft, values: Values): void | Promise<void>;
  /** On each message of a WebSocket. @returns why it has nothing to do with this one, where that is so */
  message?(draft: MessageDraft): MessageMiss | undefined;
}

export interface ActionType {
  readonly name: ActionName;
  /** It decides the exchange: no other rule is asked after it. */
  readonly terminal: boolean;
  /** What its settings are where it stands alone, `actions: [pass]`; undefined: it needs settings. */
  readonly bare: unknown;
  /** One sentence: what it does. */
  readonly help: string;
  /** YAML of a whole rule. */
  readonly example: string;
  readonly schema: z.ZodType;
  /** @param settings what `schema` made of them; mistakes beyond the schema go to the scope */
  compile(settings: unknown, scope: Scope): Acting | Promise<Acting>;
}

/** Ties the settings' type to their schema. */
export function defineAction<Schema extends z.ZodType, const Name extends ActionName>(
  definition: Omit<ActionType, "name" | "schema" | "compile"> & {
    readonly name: Name;
    readonly schema: Schema;
    compile(settings: z.output<Schema>, scope: Scope): Acting | Promise<Acting>;
  },
): ActionType & { readonly name: Name } {
  return {
    ...definition,
    compile: (settings, scope) => definition.compile(definition.schema.parse(settings), scope),
  };
}
