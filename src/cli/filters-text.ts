// What `trafficctl filters` shows people.
import type { FILTER_SIGNS, FilterOperator } from "../operations/filters.js";
import type { Colours } from "./print.js";

interface TextOptions {
  readonly colours: Colours;
  /** Columns of the terminal. */
  readonly width: number | undefined;
}

const NOTES = [
  "A word without an operator is a URL: trafficctl query last api/users",
  "REGEX is a Python regular expression; case is ignored. With a c (~uc, ~bc) it is heeded.",
  "Quote what has blanks, quotes or parentheses, once more inside the shell's own quotes: '~b \"not found\"'.",
  "* not in mitmproxy; all others answer as they do there.",
];

/** The table in groups, each line no wider than the terminal where words can be moved to the next. */
export function describeFilters(
  operators: readonly FilterOperator[],
  signs: typeof FILTER_SIGNS,
  { colours, width }: TextOptions,
): string {
  const names = [...operators.map(({ syntax }) => syntax), ...signs.map(({ syntax }) => syntax)];
  const column = Math.max(...names.map((name) => name.length)) + 4;
  const line = (name: string, help: string, example?: string): string => {
    const wrapped = wrap(help, width === undefined ? undefined : width - column - 1);
    const shown = wrapped.join(`\n${" ".repeat(column)}`);
    const left = `  ${colours.cyan(name.padEnd(column - 2))}${shown}`;
    const used = column + (wrapped.at(-1)?.length ?? 0);
    if (example === undefined || example === name) return `${left}\n`;
    const fits = width === undefined || used + 3 + example.length < width;
    return `${left}${fits ? "   " : `\n${" ".repeat(column)}`}${colours.dim(example)}\n`;
  };
  const groups = [...new Set(operators.map(({ group }) => group))].map((group) => {
    const rows = operators.filter((operator) => operator.group === group);
    const lines = rows.map(({ syntax, help, mitmproxy, example }) =>
      line(syntax, mitmproxy ? help : `${help} *`, example),
    );
    return `${colours.bold(title(group))}\n${lines.join("")}`;
  });
  const joins = `${colours.bold("Signs, the strongest first")}\n${signs.map(({ syntax, help }) => line(syntax, help)).join("")}`;
  const notes = NOTES.flatMap((note) => wrap(note, width === undefined ? undefined : width - 1));
  return `${[...groups, joins].join("\n")}\n${notes.map((note) => `${note}\n`).join("")}`;
}

function title(group: string): string {
  return `${group.slice(0, 1).toUpperCase()}${group.slice(1)}`;
}

/** @returns at least one line; a word that is too long for a line gets one of its own. */
function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined || text.length <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
