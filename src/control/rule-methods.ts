// The methods by which the rules of a running proxy are seen and changed. Each answers with the rules that hold then.
import { z } from "zod";
import { method } from "./method.js";

const count = z.number().int().nonnegative();

const listSchema = z.object({
  rules: z.array(
    z.object({
      name: z.string(),
      priority: z.number(),
      enabled: z.boolean(),
      /** How often it acts at most; null: without end. */
      times: count.nullable(),
      /** 0 to 1. */
      probability: z.number(),
      match: z.string(),
      does: z.array(z.string()),
      /** Where it comes from: a flag of `record`, a watched file, a command. */
      source: z.enum(["flag", "file", "added"]),
      /** A command made it other than it is there. */
      changed: z.boolean(),
      /** Where it stands; null for a flag. */
      place: z.object({ file: z.string(), line: count, column: count }).nullable(),
      /** Exchanges that its match selected. */
      matched: count,
      /** Exchanges that it acted on. */
      acted: count,
    }),
  ),
  /** Files that are watched: of rules, and of bodies. */
  files: z.array(z.string()),
});
export type RunningRules = z.infer<typeof listSchema>;

const named = z.object({ names: z.array(z.string()).min(1) });
const ruleText = z.object({
  /** A rule file's, YAML or JSON. */
  text: z.string(),
  /** How mistakes name it. */
  path: z.string(),
  /** That the files it names are relative to. */
  folder: z.string(),
});

export const listRulesMethod = method("rules.list", { params: z.object({}), result: listSchema });
/** Rules of new names. */
export const addRulesMethod = method("rules.add", { params: ruleText, result: listSchema });
/** In the place of rules of the same names. */
export const updateRulesMethod = method("rules.update", { params: ruleText, result: listSchema });
export const removeRulesMethod = method("rules.remove", { params: named, result: listSchema });
export const enableRulesMethod = method("rules.enable", {
  params: named.extend({ enabled: z.boolean() }),
  result: listSchema,
});
