// What compiling one rule may ask of its surroundings, and where it reports what is wrong.
import { Mistake } from "../filter/mistake.js";
import { compileTemplate, constantTemplate, type Template, type TemplateMode } from "./template.js";

export type Path = readonly (string | number)[];

/** What is wrong, and where in the data; `start` and `end` are in the text that stands there. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly span?: { readonly start: number; readonly end: number };
  /** It is the name that is wrong, not what stands behind it. */
  readonly atKey?: true;
}

/** Files that rules name, relative to the file that names them. */
export interface Files {
  /** @throws TrafficError FILE_NOT_FOUND, IO_FAILED */
  read(name: string): Promise<Buffer>;
  /** @returns its absolute path @throws TrafficError FILE_NOT_FOUND */
  folder(name: string): Promise<string>;
}

export interface Scope {
  readonly files: Files;
  /** What `$1` and its like can stand for in a rewrite: how many captures the match of the URL has. */
  readonly captures: ((url: string) => readonly string[] | undefined) | undefined;
  readonly captureCount: number;
  /** How the number, true or false here is written in the rule file; undefined for anything else. */
  written(): string | undefined;
  /** The same for what lies deeper in the data. */
  at(...steps: Path): Scope;
  report(message: string, hint?: string): void;
  /** What is wrong is the last name of the path. */
  reportName(message: string, hint?: string): void;
  /** What `make` returns; undefined where it threw, after reporting it here. */
  attempt<T>(make: () => T): T | undefined;
  attemptAsync<T>(make: () => Promise<T>): Promise<T | undefined>;
  template(text: string, mode: TemplateMode): Template;
}

export function createScope(
  path: Path,
  context: Pick<Scope, "files" | "captures" | "captureCount"> & {
    writtenAt(path: Path): string | undefined;
  },
  report: (problem: Problem) => void,
): Scope {
  const { writtenAt, ...shared } = context;
  const scope: Scope = {
    ...shared,
    written: () => writtenAt(path),
    at: (...steps) => createScope([...path, ...steps], context, report),
    report: (message, hint) => report({ path, message, hint }),
    reportName: (message, hint) => report({ path, message, hint, atKey: true }),
    attempt(make) {
      try {
        return make();
      } catch (error) {
        report({ path, ...problemOf(error) });
        return undefined;
      }
    },
    async attemptAsync(make) {
      try {
        return await make();
      } catch (error) {
        report({ path, ...problemOf(error) });
        return undefined;
      }
    },
    template: (text, mode) => scope.attempt(() => compileTemplate(text, mode)) ?? constantTemplate(text),
  };
  return scope;
}

function problemOf(error: unknown): Omit<Problem, "path"> {
  if (error instanceof Mistake) {
    const { message, hint, start, end } = error;
    return { message, hint, span: { start, end } };
  }
  if (error instanceof Error && "hint" in error && "code" in error) {
    return { message: error.message, hint: typeof error.hint === "string" ? error.hint : undefined };
  }
  throw error;
}
