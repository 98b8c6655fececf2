// Changes of a body that is there: texts replaced, values of a JSON document set.
import type { z } from "zod";
import { appendJson, removeJson, setJson } from "../content/json-edit.js";
import { parsePointer } from "../content/json-pointer.js";
import { isJson } from "../content/json-tokens.js";
import type { BodyDraft } from "./body-draft.js";
import { compileJson } from "./json-maker.js";
import { compileReplacements } from "./replace.js";
import type { Scope } from "./scope.js";
import type { jsonEdits, replacements } from "./settings.js";
import type { Values } from "./values.js";

export interface BodyEdits {
  readonly does: readonly string[];
  readonly needsBody: boolean;
  readonly needsRequestBody: boolean;
  apply(body: BodyDraft, values: Values, notes: string[]): Promise<void>;
}

export function compileBodyEdits(
  settings: {
    readonly replace?: z.output<typeof replacements> | undefined;
    readonly "edit-json"?: z.output<typeof jsonEdits> | undefined;
  },
  scope: Scope,
): BodyEdits {
  const replace =
    settings.replace === undefined ? undefined : compileReplacements(settings.replace, scope.at("replace"));
  const edits = compileJsonEdits(settings["edit-json"], scope.at("edit-json"));
  return {
    does: [...(replace?.does ?? []), ...edits.map(({ does }) => does)],
    needsBody: replace !== undefined || edits.length > 0,
    needsRequestBody: edits.some(({ needsBody }) => needsBody),
    async apply(body, values, notes) {
      if (replace !== undefined) await body.editText(replace.apply);
      if (edits.length > 0) await body.editText((text) => editedJson(text, edits, values, notes));
    },
  };
}

interface JsonEdit {
  readonly does: string;
  readonly needsBody: boolean;
  /** @returns undefined where there is nothing to do */
  apply(document: string, values: Values): string | undefined;
}

function compileJsonEdits(
  settings: z.output<typeof jsonEdits> | undefined,
  scope: Scope,
): readonly JsonEdit[] {
  const valued = (part: "set" | "append", act: typeof setJson): JsonEdit[] =>
    Object.entries(settings?.[part] ?? {}).map(([pointer, value]) => {
      const here = scope.at(part, pointer);
      const steps = pointerSteps(pointer, here);
      const maker = compileJson(value, here);
      return {
        does: `${part === "set" ? "sets" : "appends to"} ${pointer || "the whole document"}`,
        needsBody: maker.needsBody,
        apply: (document, values) => act(document, steps, maker.write(values)),
      };
    });
  const removals = (settings?.remove ?? []).map((pointer, index): JsonEdit => {
    const here = scope.at("remove", index);
    const steps = pointerSteps(pointer, here);
    if (steps.length === 0)
      here.report("the whole document can't be removed", "write body: {text: ''} to empty it");
    return { does: `removes ${pointer}`, needsBody: false, apply: (document) => removeJson(document, steps) };
  });
  return [...valued("set", setJson), ...valued("append", appendJson), ...removals];
}

export function pointerSteps(pointer: string, scope: Scope): readonly string[] {
  const steps = parsePointer(pointer);
  if (steps === undefined) {
    // In a list it is the value, in a map the name.
    scope.reportName(
      `'${pointer}' is no JSON pointer`,
      pointer.startsWith("/")
        ? "write ~0 for ~ and ~1 for / within a name"
        : `begin it with a slash: /${pointer.replaceAll(".", "/")}`,
    );
  }
  return steps ?? [];
}

function editedJson(
  text: string,
  edits: readonly JsonEdit[],
  values: Values,
  notes: string[],
): string | undefined {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  let document = text.slice(mark.length);
  if (document === "") return undefined;
  if (!isJson(document)) {
    notes.push("the body was not changed: it is no JSON");
    return undefined;
  }
  for (const edit of edits) {
    const next = edit.apply(document, values);
    if (next === undefined) notes.push(`nothing to do: ${edit.does}, but the document has no such place`);
    else document = next;
  }
  return mark + document;
}
