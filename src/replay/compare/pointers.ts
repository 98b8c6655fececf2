// JSON Pointers (RFC 6901) with `*` for any one step.
import { TrafficError } from "../../errors.js";

/** Whether a place of a document is left out. */
export type PointerTest = (steps: readonly string[]) => boolean;

/** @throws BAD_OPTION */
export function compilePointers(pointers: readonly string[]): PointerTest {
  const byLength = new Map<number, (readonly string[])[]>();
  for (const pointer of pointers) {
    const steps = stepsOf(pointer);
    byLength.set(steps.length, [...(byLength.get(steps.length) ?? []), steps]);
  }
  if (byLength.size === 0) return () => false;
  return (steps) =>
    byLength
      .get(steps.length)
      ?.some((wanted) => wanted.every((step, at) => step === "*" || step === steps[at])) ?? false;
}

export function pointerOf(steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function stepsOf(pointer: string): readonly string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) {
    throw new TrafficError("BAD_OPTION", `--ignore ${pointer} is no JSON pointer`, {
      hint: "as in --ignore /updatedAt or --ignore '/items/*/id'",
    });
  }
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
