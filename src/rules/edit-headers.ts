// Changes of header fields, with values from templates.
import type { z } from "zod";
import type { HeaderList } from "./header-list.js";
import type { Scope } from "./scope.js";
import { checkFieldName, fieldsOf, type headerEdits } from "./settings.js";
import type { Template } from "./template.js";
import type { Values } from "./values.js";

export interface Edits<Target> {
  readonly does: readonly string[];
  readonly needsRequestBody: boolean;
  apply(target: Target, values: Values): void;
}

export function compileHeaderEdits(
  edits: z.output<typeof headerEdits> | undefined,
  scope: Scope,
): Edits<HeaderList> {
  const set = templatesOf(edits?.set, scope.at("set"));
  const append = templatesOf(edits?.append, scope.at("append"));
  const remove = edits?.remove ?? [];
  for (const [index, name] of remove.entries()) {
    checkFieldName(name, scope.at("remove", index));
  }
  return {
    does: [
      ...set.map(([name]) => `sets ${name}`),
      ...append.map(([name]) => `appends ${name}`),
      ...remove.map((name) => `removes ${name}`),
    ],
    needsRequestBody: [...set, ...append].some(([, templates]) =>
      templates.some(({ needsBody }) => needsBody),
    ),
    apply(headers, values) {
      for (const name of remove) headers.remove(name);
      for (const [name, templates] of set) {
        headers.set(
          name,
          templates.map((template) => template.render(values)),
        );
      }
      for (const [name, templates] of append) {
        for (const template of templates) headers.append(name, template.render(values));
      }
    },
  };
}

export function templatesOf(
  fields: Parameters<typeof fieldsOf>[0],
  scope: Scope,
): readonly (readonly [name: string, templates: readonly Template[]])[] {
  return fieldsOf(fields, scope).map(([name, texts]) => [
    name,
    texts.map((text) => scope.at(name).template(text, "line")),
  ]);
}
