// JSON values that rules write: each text in them may be a template, numbers stay as they stand in the rule file.
import { isJsonNumber, writeJson } from "./json-text.js";
import type { Scope } from "./scope.js";
import type { Values } from "./values.js";

export interface JsonMaker {
  readonly needsBody: boolean;
  /** The text itself where no value is to be put in. */
  readonly constant: string | undefined;
  write(values: Values): string;
}

/** A text in it that is nothing but `{{… | json}}` becomes the value itself. @param isTemplate `{{` means something */
export function compileJson(value: unknown, scope: Scope, isTemplate = true): JsonMaker {
  if (typeof value === "string" && isTemplate) return templateOf(value, scope);
  if (typeof value === "number") return constantOf(numberText(value, scope));
  if (typeof value !== "object" || value === null) return constantOf(writeJson(value));
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(([key, each]) => ({
    head: isList ? "" : `${JSON.stringify(key)}:`,
    maker: compileJson(each, scope.at(isList ? Number(key) : key), isTemplate),
  }));
  const joined = (textOf: (maker: JsonMaker) => string): string => {
    const inner = parts.map(({ head, maker }) => head + textOf(maker)).join(",");
    return isList ? `[${inner}]` : `{${inner}}`;
  };
  if (parts.every(({ maker }) => maker.constant !== undefined)) {
    return constantOf(joined(({ constant = "" }) => constant));
  }
  return {
    needsBody: parts.some(({ maker }) => maker.needsBody),
    constant: undefined,
    write: (values) => joined((maker) => maker.write(values)),
  };
}

function templateOf(text: string, scope: Scope): JsonMaker {
  const { constant, needsBody, render, value } = scope.template(text, "plain");
  if (constant !== undefined) return constantOf(writeJson(constant));
  return {
    needsBody,
    constant: undefined,
    write: (values) => writeJson(value === undefined ? render(values) : value(values)),
  };
}

function constantOf(text: string): JsonMaker {
  return { needsBody: false, constant: text, write: () => text };
}

/** `1.0`, `1e400` and `12345678901234567890` are no doubles. */
function numberText(value: number, scope: Scope): string {
  const written = scope.written();
  if (written !== undefined && isJsonNumber(written)) return written;
  if (!Number.isFinite(value)) {
    scope.report(`${written ?? value} is no number in JSON`, "write null, or put quotes around it");
  }
  return writeJson(value);
}
