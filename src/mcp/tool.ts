// A tool: what a client is told of it, and the operation behind it. One file a group stands in tools/.
import { z } from "zod";
import { TrafficError } from "../errors.js";
import { within } from "./budget.js";
import type { Captures } from "./captures.js";
import { type JsonObject, toRecord, trimmed } from "./json-schema.js";
import type { KeptPages } from "./kept-pages.js";
import { type DataOf, type OutputSchema, outputSchemaOf } from "./output.js";
import type { Roots } from "./paths.js";
import type { Answer } from "./result.js";
import type { Safe } from "./safe.js";
import type { Serving } from "./serving.js";
import type { Settings, Toolset } from "./settings.js";

/** What a call has at hand. */
export interface ToolContext {
  readonly settings: Settings;
  readonly roots: Roots;
  /** The redactor: one for the server. */
  readonly safe: Safe;
  /** What runs for this client. */
  readonly captures: Captures;
  readonly serving: Serving;
  /** Results of this client that can't be had again. */
  readonly kept: KeptPages;
  /** Aborted when the client gives the call up, or is gone. */
  readonly signal: AbortSignal;
  /** Tells the client how far it is, where it asked to be told. */
  progress(done: number, total?: number): void;
}

/** As MCP has them (ToolAnnotations). */
export interface Effects {
  /** It changes nothing. */
  readonly readOnlyHint: boolean;
  /** It may take something away that was there. */
  readonly destructiveHint: boolean;
  /** A second call with the same arguments does no more. */
  readonly idempotentHint: boolean;
  /** It has to do with servers beyond this machine. */
  readonly openWorldHint: boolean;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly toolset: Toolset;
  /** Loaded with any of these too. */
  readonly alsoIn?: readonly Toolset[];
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: ObjectSchema;
  /** Of `data` in its answers, and of errors. */
  readonly outputSchema: OutputSchema;
  readonly effects: Effects;
  /**
   * @returns an answer that fits the budget
   * @throws TrafficError BAD_OPTION for arguments that are not as the schema says, AnswerTooLarge, and what its operation
   * throws
   */
  call(args: unknown, context: ToolContext): Promise<Answer>;
}

interface ObjectSchema extends JsonObject {
  readonly type: "object";
}

export const READS: Effects = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
export const ADDS: Effects = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};
export const CHANGES: Effects = { ...ADDS, idempotentHint: true };
export const DESTROYS: Effects = { ...ADDS, destructiveHint: true };

interface Definition<Shape extends z.core.$ZodLooseShape, Output extends z.core.$ZodLooseShape> {
  readonly name: string;
  readonly title: string;
  readonly toolset: Toolset;
  readonly alsoIn?: readonly Toolset[];
  /** What it does to the world, when to use it, when not, its limits. */
  readonly description: string;
  readonly input: Shape;
  /** `data` of its answers. */
  readonly output: Output;
  readonly effects: Effects;
  readonly run: (
    input: z.output<z.ZodObject<Shape, z.core.$strict>>,
    context: ToolContext,
  ) => Promise<Answer<DataOf<Output> & object>>;
}

export function defineTool<Shape extends z.core.$ZodLooseShape, Output extends z.core.$ZodLooseShape>(
  definition: Definition<Shape, Output>,
): Tool {
  const { name, title, toolset, description, effects, run } = definition;
  // Strict: an argument that is not known is a mistake that somebody should hear of.
  const shape = z.strictObject(definition.input);
  return {
    name,
    title,
    toolset,
    description,
    effects,
    ...(definition.alsoIn === undefined ? {} : { alsoIn: definition.alsoIn }),
    inputSchema: schemaOf(shape),
    outputSchema: outputSchemaOf(definition.output),
    call: async (args, context) => {
      const parsed = shape.safeParse(args ?? {});
      if (parsed.success) return within(await run(parsed.data, context), context.settings.budget);
      throw new TrafficError("BAD_OPTION", `${name}: ${z.prettifyError(parsed.error)}`, {
        hint: "the tool's input schema says what it takes",
      });
    },
  };
}

/** Without the address of the dialect, which MCP fixes. */
function schemaOf(shape: z.ZodType): ObjectSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, { io: "input" });
  return { ...toRecord(trimmed(schema)), type: "object" };
}
