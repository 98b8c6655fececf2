// `trafficctl set`: what may change while a proxy runs.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { ProxyOptions } from "../operations/set-options.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import type { TextOptions } from "./text-options.js";
import { formatSize, parseSize } from "./units.js";

type Value = string | number | null;

const EXAMPLES = `
Options:
  filter=FILTER     record only what it matches; nothing after the = records all
  intercept=FILTER  hold what it matches (trafficctl intercept); nothing after the = holds no more
  max-body=SIZE     keep this much of each body; nothing after the = keeps all of it

Without any, it shows those that hold. Port, address and certificate checking never change.

Examples:
  $ trafficctl set                             what holds now
  $ trafficctl set filter='~d api.example.com'
  $ trafficctl set smoke filter= max-body=64KB
`;

/** Options whose values are no texts. */
const PARSERS: Readonly<Record<string, (text: string) => Value>> = {
  "max-body": (text) => parseSize(text, "max-body"),
};

export function setCommand(): Command {
  return commonCommand("set", "change options of a running proxy")
    .usage("[options] [SESSION] [NAME=VALUE...]")
    .argument("[words...]", "the session, where several proxies run, and what is to change")
    .addHelpText("after", EXAMPLES)
    .action(async (words: string[], options: CommonOptions) => {
      const { session, values } = readWords(words);
      const home = await homeOf(options);
      const input = session === undefined ? { home } : { home, session };
      const { getOptions, setOptions } = await import("../operations/set-options.js");
      const current =
        Object.keys(values).length === 0 ? await getOptions(input) : await setOptions({ ...input, values });
      await printResult(options, current, (text) => describe(current, text));
    });
}

/** The first word without `=` is the session. */
function readWords(words: readonly string[]): { session?: string; values: Record<string, Value> } {
  const [first = "", ...rest] = words;
  const session = words.length > 0 && !first.includes("=") ? first : undefined;
  const values: Record<string, Value> = {};
  for (const word of session === undefined ? words : rest) {
    const sign = word.indexOf("=");
    if (!/^[a-z]/i.test(word) || sign === -1) {
      throw new TrafficError("USAGE", `'${word}' sets nothing`, {
        hint: "write NAME=VALUE, as in max-body=64KB",
      });
    }
    const [name, text] = [word.slice(0, sign), word.slice(sign + 1)];
    const parse = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
    values[name] = text === "" ? null : (parse?.(text) ?? text);
  }
  return session === undefined ? { values } : { session, values };
}

function describe({ session, options }: ProxyOptions, { colours }: TextOptions): string {
  const shown = [...options].sort((a, b) => Number(b.changeable) - Number(a.changeable));
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.map(({ name, value, changeable }) => {
    const line = `  ${name.padEnd(width)}  ${textOf(name, value)}`;
    return changeable ? line : colours.dim(line);
  });
  return `${colours.bold(session)}\n${lines.join("\n")}\n`;
}

function textOf(name: string, value: unknown): string {
  if (value === null) return name === "intercept" ? "none" : "all";
  if (typeof value === "number" && name.startsWith("max-") && name !== "max-exchanges")
    return formatSize(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
