// Reads rule files and the files that they name: all mistakes at once, each with its place.
import { open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { compileRules } from "./compile.js";
import { BODY_FILE_LIMIT, RULE_FILE_LIMIT } from "./limits.js";
import type { Files, Problem } from "./scope.js";
import { parseSource, type RuleMistake, type Source } from "./source.js";
import { type Rule, type RuleSet, ruleSetOf } from "./types.js";

/** What is wrong with rule files. `message` has every mistake on a line of its own. */
export class RulesInvalid extends TrafficError {
  readonly mistakes: readonly RuleMistake[];
  /** Files that were read, or that were to be read: a watcher looks at them for what puts it right. */
  readonly files: readonly string[];

  constructor(mistakes: readonly RuleMistake[], files: readonly string[]) {
    super("RULES_INVALID", mistakes.map(mistakeLine).join("\n"), {
      hint: "nothing of these rules is used until all of it is right; `trafficctl rules check` looks again",
    });
    this.mistakes = mistakes;
    this.files = files;
  }
}

/** A filter's message shows its place on lines of their own. */
function mistakeLine({ file, line, column, message, hint }: RuleMistake): string {
  const [first = "", ...more] = message.split("\n");
  const told = `${file}:${line}:${column}: ${first}${hint === undefined ? "" : ` (${hint})`}`;
  return [told, ...more].join("\n");
}

/** @param paths of rule files. @throws RulesInvalid, and TrafficError FILE_NOT_FOUND, IO_FAILED */
export async function loadRules(paths: readonly string[]): Promise<RuleSet> {
  const files = new Set<string>();
  const mistakes: RuleMistake[] = [];
  const rules: Rule[] = [];
  for (const path of paths) {
    files.add(resolve(path));
    const text = await readRuleFile(path);
    const loaded = await compileSource(text, path, filesBeside(dirname(resolve(path)), files));
    mistakes.push(...loaded.mistakes);
    rules.push(...loaded.rules);
  }
  mistakes.push(...sameNames(rules));
  if (mistakes.length > 0) throw new RulesInvalid(mistakes, [...files]);
  return ruleSetOf(rules, [...files]);
}

/** A rule file that is not on disk. @param folder that its files are relative to @throws RulesInvalid */
export async function parseRules(text: string, path: string, folder: string): Promise<RuleSet> {
  const files = new Set<string>();
  const { rules, mistakes } = await compileSource(text, path, filesBeside(folder, files));
  if (mistakes.length > 0) throw new RulesInvalid(mistakes, [...files]);
  return ruleSetOf(rules, [...files]);
}

interface Loaded {
  readonly rules: readonly Rule[];
  readonly mistakes: readonly RuleMistake[];
}

async function compileSource(text: string, path: string, files: Files): Promise<Loaded> {
  const source = parseSource(text, path);
  if (!isSource(source)) return { rules: [], mistakes: source };
  const mistakes: RuleMistake[] = [];
  const rules = await compileRules(source.data, {
    files,
    placeOf: (at) => source.placeOf(at),
    report: (problem: Problem) =>
      mistakes.push({
        ...source.placeOf(problem.path, problem),
        message: problem.message,
        hint: problem.hint,
      }),
  });
  mistakes.sort((a, b) => a.line - b.line || a.column - b.column);
  return { rules, mistakes };
}

function isSource(source: ReturnType<typeof parseSource>): source is Source {
  return !Array.isArray(source);
}

/** Within one file it is found there. */
function sameNames(rules: readonly Rule[]): RuleMistake[] {
  const first = new Map<string, Rule>();
  return rules.flatMap((rule): RuleMistake[] => {
    const before = first.get(rule.name);
    if (before === undefined) first.set(rule.name, rule);
    if (before?.place === undefined || rule.place === undefined || before.place.file === rule.place.file)
      return [];
    const { file, line } = before.place;
    return [
      { ...rule.place, message: `a second rule '${rule.name}'`, hint: `the first one is in ${file}:${line}` },
    ];
  });
}

async function readRuleFile(path: string): Promise<string> {
  const bytes = await readBounded(path, RULE_FILE_LIMIT);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const at = firstNonUtf8Line(bytes);
    throw new RulesInvalid(
      [{ file: path, line: at, column: 1, message: "this is not UTF-8", hint: "save the file as UTF-8" }],
      [resolve(path)],
    );
  }
}

function firstNonUtf8Line(bytes: Buffer): number {
  const lines = bytes.toString("latin1").split("\n");
  return 1 + lines.findIndex((line) => Buffer.from(line, "latin1").toString("utf8").includes("\ufffd"));
}

/** @param seen takes the paths of what is asked for */
export function filesBeside(folder: string, seen: Set<string>): Files {
  return {
    async read(name) {
      const path = resolve(folder, name);
      seen.add(path);
      return await readBounded(path, BODY_FILE_LIMIT);
    },
    async folder(name) {
      const path = resolve(folder, name);
      const stats = await stat(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      if (stats.isDirectory()) return path;
      throw new TrafficError("FILE_NOT_FOUND", `${path} is no folder`, {
        hint: "name a folder, or use respond with a file",
      });
    },
  };
}

async function readBounded(path: string, limit: number): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    const stats = await file.stat();
    if (stats.isDirectory())
      throw new TrafficError("FILE_NOT_FOUND", `${path} is a folder`, { hint: "name a file" });
    if (stats.size > limit) {
      throw new TrafficError("IO_FAILED", `${path} has ${stats.size} bytes, more than ${limit}`, {
        hint: "a folder of large files can be served with serve-dir",
      });
    }
    // A pipe, as a shell makes for <(…), has no size.
    return await file.readFile();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): TrafficError {
  if (error instanceof TrafficError) return error;
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new TrafficError("FILE_NOT_FOUND", `there is no ${path}`, {
      hint: "paths are relative to the rule file",
      cause: error,
    });
  }
  return new TrafficError(
    "IO_FAILED",
    `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}
