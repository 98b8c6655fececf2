// What a tool's structured content is: from one shape come the JSON Schema that clients check it by, and the type that
// what the operations give has to have. Objects are open: a version that tells more breaks nobody.
import { z } from "zod";
import { compact, type JsonObject, toRecord } from "./json-schema.js";

/** Data of a shape as it is made, with read-only arrays and objects. */
export type DataOf<Shape extends z.core.$ZodLooseShape> = ReadOnly<z.input<z.ZodObject<Shape>>>;

type ReadOnly<Value> = Value extends readonly (infer Each)[]
  ? readonly ReadOnly<Each>[]
  : Value extends object
    ? IsOpen<Value> extends true
      ? object
      : { readonly [Name in keyof Value]: ReadOnly<Value[Name]> }
    : Value;

/** An interface has no index signature, and is still an object of any members. */
type IsOpen<Value extends object> = string extends keyof Value
  ? unknown extends Value[keyof Value]
    ? true
    : false
  : false;

export interface OutputSchema extends JsonObject {
  readonly type: "object";
}

/** As `errorResult` gives it: clients check the content of errors by the same schema. */
const ERROR = { type: "object", required: ["code", "message"] } as const;

export function outputSchemaOf(shape: z.core.$ZodLooseShape): OutputSchema {
  const { properties, required } = z.toJSONSchema(z.object(shape), { io: "input" });
  const members = toRecord(withoutRequired(compact(properties)));
  return {
    type: "object",
    properties: { ...members, error: { ...toRecord(members.error), ...ERROR } },
    anyOf: [{ required }, { required: ["error"] }],
  };
}

/** Of what stands deeper: that is what the types see to, and would be a tenth of the list of all tools. */
function withoutRequired(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRequired);
  if (typeof schema !== "object" || schema === null) return schema;
  const { required, ...rest }: JsonObject = { ...schema };
  const kept = Array.isArray(required) ? rest : schema;
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, withoutRequired(value)]));
}

export const TEXT = z.string();
export const COUNT = z.int();
export const FLAG = z.boolean();
export const MAYBE_TEXT = TEXT.nullable();
export const MAYBE_COUNT = COUNT.nullable();
export const MILLISECONDS = z.number().nullable();
/** An object whose members are told by the answer alone. */
export const OBJECT = z.looseObject({});

/** `PageFacts` of a page. */
export const PAGE = { offset: COUNT, shown: COUNT, total: MAYBE_COUNT, nextCursor: MAYBE_TEXT };

export const MAYBE_PAGE = {
  offset: COUNT.exactOptional(),
  shown: COUNT.exactOptional(),
  total: MAYBE_COUNT.exactOptional(),
  nextCursor: MAYBE_TEXT.exactOptional(),
};

/** A session that was made. */
export const NEW_SESSION_FACTS = { session: TEXT, path: TEXT, counts: OBJECT };

/** Of redaction, null where it is off. */
export const REDACTED = z.object({ total: COUNT, secrets: COUNT }).nullable();
