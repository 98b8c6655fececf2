// Settings that several actions share, and what is right in them.
import { z } from "zod";
import type { Scope } from "./scope.js";

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\uffff]*$/;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A value or several of them for each name. */
const valuesByName = z.record(z.string(), z.union([scalar, z.array(scalar)]));

export const headerEdits = z.strictObject({
  set: valuesByName
    .optional()
    .describe("Fields by name: they replace all fields of that name. A list makes several fields."),
  append: valuesByName.optional().describe("Fields that are added to those that are there."),
  remove: z
    .array(z.string())
    .optional()
    .describe("Names of fields to remove; `*` stands for any characters."),
});

export const queryEdits = z.strictObject({
  set: valuesByName.optional().describe("Parameters by name: they replace all of that name."),
  append: valuesByName.optional().describe("Parameters that are added at the end."),
  remove: z
    .array(z.string())
    .optional()
    .describe("Names of parameters to remove; `*` stands for any characters."),
});

export const jsonEdits = z.strictObject({
  set: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Values by JSON pointer (RFC 6901): `/user/name: Bob`. Objects on the way are made."),
  append: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Values to add at the end of the list at the pointer."),
  remove: z.array(z.string()).optional().describe("Pointers of what to remove."),
});

const replacement = z.strictObject({
  find: z.string().min(1).describe("A text, or a `/regular expression/` with the flags i, m and s."),
  with: z
    .string()
    .describe(
      "What comes in its place; `$1` is the first group of a regular expression, `$$` a dollar sign.",
    ),
});
export const replacements = z.union([replacement, z.array(replacement)]);

export const status = z.int().min(200).max(599);
export const headerFields = valuesByName;

/** Header fields by name to fields in order; what can be no field is reported. */
export function fieldsOf(
  values: z.output<typeof valuesByName> | undefined,
  scope: Scope,
): readonly (readonly [name: string, values: readonly string[]])[] {
  return Object.entries(values ?? {}).map(([name, value]) => {
    const here = scope.at(name);
    checkFieldName(name, here);
    const texts = textsOf(value, here);
    for (const text of texts) {
      if (!VALUE.test(text))
        here.report("a header field can't hold control characters", "leave out the line break");
    }
    return [name, texts] as const;
  });
}

export function checkFieldName(name: string, scope: Scope): void {
  if (!NAME.test(name)) {
    scope.reportName(`'${name}' can't be the name of a header field`, "letters, digits and - are safe");
  } else if (/^(?:content-length|transfer-encoding)$/i.test(name)) {
    scope.reportName(`${name} can't be set by a rule`, "leave it out: it is kept true to the body by itself");
  }
}

export function pairsOf(
  values: z.output<typeof valuesByName> | undefined,
  scope: Scope,
): readonly (readonly [name: string, values: readonly string[]])[] {
  return Object.entries(values ?? {}).map(([name, value]) => [name, textsOf(value, scope.at(name))] as const);
}

type Scalar = z.output<typeof scalar>;

/** A version 1.0 is not the text 1. */
function textsOf(value: Scalar | Scalar[], scope: Scope): string[] {
  const textOf = (each: Scalar, here: Scope): string =>
    typeof each === "string" ? each : (here.written() ?? String(each));
  return Array.isArray(value)
    ? value.map((each, index) => textOf(each, scope.at(index)))
    : [textOf(value, scope)];
}
