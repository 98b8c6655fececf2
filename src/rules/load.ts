// Reads rule files and the files that they name: all mistakes at once, each with its place.
import { isUtf8 } from "node:buffer";
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

/** In place of a path: standard input. */
export const STDIN = "-";

/** @param paths of rule files; `-` is standard input. @throws RulesInvalid, and TrafficError FILE_NOT_FOUND, IO_FAILED */
export async function loadRules(paths: readonly string[]): Promise<RuleSet> {
  const files = new Set<string>();
  const mistakes: RuleMistake[] = [];
  const rules: Rule[] = [];
  for (const path of paths) {
    if (path !== STDIN) files.add(resolve(path));
    const { text, name, folder } = await readRuleFile(path);
    const loaded = await compileSource(text, name, filesBeside(folder, files));
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

const SPLIT = "split it: --rules may be given more than once";

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
    writtenAt: (at) => source.writtenAt(at),
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

export interface RuleFileText {
  readonly text: string;
  /** How mistakes name it. */
  readonly name: string;
  /** That the files it names are relative to. */
  readonly folder: string;
}

/** @param path `-` is standard input. @throws RulesInvalid; TrafficError FILE_NOT_FOUND, IO_FAILED */
export async function readRuleFile(path: string): Promise<RuleFileText> {
  const isStdin = path === STDIN;
  const name = isStdin ? "stdin" : path;
  const bytes = isStdin ? await readStdin(RULE_FILE_LIMIT) : await readBounded(path, RULE_FILE_LIMIT, SPLIT);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, name, folder: dirname(resolve(path)) };
  } catch {
    throw new RulesInvalid(
      [{ file: name, ...firstNonUtf8(bytes), message: "this is not UTF-8", hint: "save the file as UTF-8" }],
      isStdin ? [] : [resolve(path)],
    );
  }
}

async function readStdin(limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of process.stdin) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > limit) throw new TrafficError("IO_FAILED", `standard input has more than ${limit} bytes`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

function firstNonUtf8(bytes: Buffer): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf("\n"); end !== -1; end = bytes.indexOf("\n", start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    line++;
    start = end + 1;
  }
  const rest = bytes.subarray(start);
  // Up to where it is wrong, the text gives the same bytes again.
  const again = Buffer.from(rest.toString("utf8"));
  const wrong = again.findIndex((byte, index) => byte !== rest[index]);
  return { line, column: 1 + again.toString("utf8", 0, wrong).replace(/\ufffd$/, "").length };
}

/** @param seen takes the paths of what is asked for */
export function filesBeside(folder: string, seen: Set<string>): Files {
  return {
    async read(name) {
      const path = resolve(folder, name);
      seen.add(path);
      // Whoever opens one waits for a writer, and what was read is gone when the rules are loaded again.
      const stats = await stat(path).catch(() => undefined);
      if (stats?.isFIFO())
        throw new TrafficError("IO_FAILED", `${path} is a pipe`, {
          hint: "name a file, which can be read again",
        });
      return await readBounded(path, BODY_FILE_LIMIT, "serve-dir serves files of any size");
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

/** A pipe, as a shell makes for <(…), and what is below /dev have no size: no more than the limit is read. */
async function readBounded(path: string, limit: number, hint: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    if ((await file.stat()).isDirectory())
      throw new TrafficError("FILE_NOT_FOUND", `${path} is a folder`, { hint: "name a file" });
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of file.createReadStream({ end: limit, autoClose: false })) {
      const bytes: Buffer = piece;
      pieces.push(bytes);
      size += bytes.length;
    }
    if (size <= limit) return Buffer.concat(pieces);
    throw new TrafficError("IO_FAILED", `${path} has more than ${limit} bytes`, { hint });
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
