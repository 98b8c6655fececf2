// The bodies that rules write: text, JSON, a file or base64, with values from templates.
import { z } from "zod";
import { isJsonType, parseMediaType } from "../content/media-type.js";
import type { BodyDraft } from "./body-draft.js";
import { compileJson } from "./json-maker.js";
import { typeOfFile } from "./mime.js";
import type { Scope } from "./scope.js";
import { constantTemplate, type Template } from "./template.js";
import type { Values } from "./values.js";

/** Exactly one of the first four. */
export const bodyShape = {
  text: z.string().optional().describe("The body as text."),
  json: z.unknown().optional().describe("The body as any value, which is written as JSON."),
  file: z.string().optional().describe("A file with the body, relative to the rule file."),
  base64: z.string().optional().describe("The body's bytes."),
  template: z
    .boolean()
    .optional()
    .describe("Whether `{{…}}` in the body stands for values. By default in text and json, not in a file."),
};

export type BodySettings = z.output<z.ZodObject<typeof bodyShape>>;

export interface BodyMaker {
  /** `15 bytes of application/json`. */
  readonly does: string;
  readonly needsRequestBody: boolean;
  /** What its Content-Type is where nothing else says so; undefined: it is kept. */
  readonly type: string | undefined;
  make(values: Values): Buffer | string;
}

/** @param type the Content-Type that the message is known to have, or undefined */
export async function compileBody(
  settings: BodySettings,
  scope: Scope,
  type: string | undefined,
): Promise<BodyMaker | undefined> {
  const given = (["text", "json", "file", "base64"] as const).filter((key) => settings[key] !== undefined);
  if (given.length > 1) {
    scope
      .at(given[1]!)
      .report(`a body is one of text, json, file and base64, not both ${given[0]} and ${given[1]}`);
  }
  const [kind] = given;
  if (kind === undefined) {
    if (settings.template !== undefined)
      scope.at("template").report("there is no body that could be a template");
    return undefined;
  }
  switch (kind) {
    case "text":
      return textBody(settings.text ?? "", settings.template !== false, scope.at("text"), type ?? TEXT);
    case "json":
      return jsonBody(settings.json, settings.template !== false, scope.at("json"));
    case "file":
      return await fileBody(settings.file ?? "", settings.template === true, scope.at("file"), type);
    case "base64":
      return bytesBody(settings.base64 ?? "", scope.at("base64"));
  }
}

const TEXT = "text/plain; charset=utf-8";

export function writeBody(
  body: BodyDraft,
  maker: BodyMaker,
  values: Values,
  currentType: string | undefined,
): void {
  const content = maker.make(values);
  const type = maker.type === undefined || fits(maker.type, currentType) ? undefined : maker.type;
  if (typeof content === "string") body.replaceText(content, type);
  else body.replace(content, type);
}

/** Any type of text stays for a text, any JSON for JSON. */
function fits(type: string, current: string | undefined): boolean {
  if (current === undefined) return false;
  return type !== JSON_TYPE || isJsonType(parseMediaType(current));
}

const JSON_TYPE = "application/json";

function textBody(text: string, isTemplate: boolean, scope: Scope, type: string): BodyMaker {
  const mode = isJsonType(parseMediaType(type)) ? "json" : "plain";
  const template = isTemplate ? scope.template(text, mode) : constantTemplate(text);
  return {
    does: `${sized(template, text)} of ${type}`,
    needsRequestBody: template.needsBody,
    type,
    make: (values) => template.render(values),
  };
}

async function fileBody(
  name: string,
  isTemplate: boolean,
  scope: Scope,
  type?: string,
): Promise<BodyMaker | undefined> {
  const bytes = await scope.attemptAsync(() => scope.files.read(name));
  if (bytes === undefined) return undefined;
  const ownType = type ?? typeOfFile(name);
  if (isTemplate) return textBody(bytes.toString("utf8"), true, scope, ownType);
  return {
    does: `${bytes.length} bytes of ${name}`,
    needsRequestBody: false,
    type: ownType,
    make: () => bytes,
  };
}

function bytesBody(base64: string, scope: Scope): BodyMaker {
  const text = base64.replace(/\s+/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)) {
    scope.report("this is not base64", "letters, digits, + and /, with = at the end");
  }
  const bytes = Buffer.from(text, "base64");
  return { does: `${bytes.length} bytes`, needsRequestBody: false, type: undefined, make: () => bytes };
}

function jsonBody(value: unknown, isTemplate: boolean, scope: Scope): BodyMaker {
  const { needsBody, constant, write } = compileJson(value, scope, isTemplate);
  return {
    does: `${constant === undefined ? "a template" : `${Buffer.byteLength(constant)} bytes`} of ${JSON_TYPE}`,
    needsRequestBody: needsBody,
    type: JSON_TYPE,
    make: write,
  };
}

function sized(template: Template, text: string): string {
  return template.constant === undefined ? "a template" : `${Buffer.byteLength(text)} bytes`;
}
