// JSON Pointer (RFC 6901): reading a value of a document, and changing one.

/** @returns its steps, or undefined for a text that is no pointer */
export function parsePointer(text: string): readonly string[] | undefined {
  if (text === "") return [];
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** @returns undefined where there is nothing at that place */
export function valueAt(document: unknown, steps: readonly string[]): unknown {
  let value = document;
  for (const step of steps) {
    if (Array.isArray(value)) value = isIndex(step) ? value[Number(step)] : undefined;
    else if (isObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else return undefined;
  }
  return value;
}

/**
 * Puts a value at a place, making the objects on the way there. `-` as the last step of a list means behind its end.
 * @returns the document (another one where the pointer is the whole); undefined where the way leads through what is
 * neither object nor list
 */
export function setAt(document: unknown, steps: readonly string[], value: unknown): unknown {
  return (
    change(document, steps, true, (parent, last) => {
      if (!Array.isArray(parent)) return define(parent, last, value);
      if (last === "-") return parent.push(value) > 0;
      if (!isIndex(last) || Number(last) > parent.length) return false;
      parent[Number(last)] = value;
      return true;
    }) ?? (steps.length === 0 ? value : undefined)
  );
}

/** Adds to the end of a list. @returns undefined where there is no list at that place */
export function appendAt(document: unknown, steps: readonly string[], value: unknown): unknown {
  const list = valueAt(document, steps);
  if (!Array.isArray(list)) return undefined;
  list.push(value);
  return document;
}

/** @returns undefined where there is nothing to remove */
export function removeAt(document: unknown, steps: readonly string[]): unknown {
  return change(document, steps, false, (parent, last) => {
    if (Array.isArray(parent)) return isIndex(last) && parent.splice(Number(last), 1).length > 0;
    if (!Object.hasOwn(parent, last)) return false;
    delete parent[last];
    return true;
  });
}

function change(
  document: unknown,
  steps: readonly string[],
  make: boolean,
  act: (parent: unknown[] | Record<string, unknown>, last: string) => boolean,
): unknown {
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  let parent = document;
  for (const [index, step] of steps.slice(0, -1).entries()) {
    let next = valueAt(parent, [step]);
    if (next === undefined && make && isObject(parent)) {
      // What comes next tells whether a list or an object is wanted; `-` can be of a list only.
      next = steps[index + 1] === "-" ? [] : {};
      define(parent, step, next);
    }
    parent = next;
  }
  if (!Array.isArray(parent) && !isObject(parent)) return undefined;
  return act(parent, last) ? document : undefined;
}

/** `__proto__` is a name like any other in JSON. */
function define(parent: Record<string, unknown>, name: string, value: unknown): boolean {
  Object.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true });
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** No leading zeros (section 4). */
function isIndex(step: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(step);
}
