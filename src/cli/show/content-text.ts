// A body's view as text for a person: one case for each kind.
import type { ContentView, PartView, TimedEvent } from "../../operations/show.js";
import { paintJson } from "../json-text.js";
import { printable, printableText } from "../printable.js";
import type { TextOptions } from "../text-options.js";
import { formatDuration, formatSize } from "../units.js";
import { dataText } from "./data-text.js";

/** @returns lines, each ending in a newline; "" for an empty body. */
export function describeContent(view: ContentView, options: TextOptions): string {
  const { colours } = options;
  const notes: string[] = [];
  if (view.shown !== undefined) {
    notes.push(`the first ${formatSize(view.shown)} of ${formatSize(view.size)}; --body gives all of it`);
  }
  if (view.problem !== undefined) notes.push(view.problem);
  const text = kindText(view, options);
  const tokens = (view.jwts ?? []).map((jwt) => jwtText(jwt, options)).join("");
  return `${ended(text)}${tokens}${notes.map((note) => `${colours.yellow(`(${printable(note)})`)}\n`).join("")}`;
}

function kindText(view: ContentView, options: TextOptions): string {
  const { colours } = options;
  switch (view.kind) {
    case "empty":
      return "";
    case "text":
      return printableText(view.text);
    case "json":
      return `${colours.dim(printable(view.prefix ?? ""))}${paintJson(printableText(view.text), colours)}`;
    case "ndjson":
      return view.records
        .map(({ text, json }) => (json ? paintJson(printableText(text), colours) : printableText(text)))
        .join("\n");
    case "form":
      return fieldsText(view.fields, options);
    case "multipart":
      return view.parts.map((part, at) => partText(part, at + 1, options)).join("");
    case "image":
      return imageText(view, options);
    case "events":
      return view.events.map((event) => eventText(event, options)).join("");
    case "graphql":
      return view.operations.map((operation) => operationText(operation, options)).join("\n");
    case "protobuf":
    case "grpc":
    case "data":
      return dataText(view, options);
    case "binary":
      return binaryText(view, options);
  }
}

function fieldsText(
  fields: readonly { readonly name: string; readonly value: string }[],
  { colours }: TextOptions,
): string {
  const names = fields.map(({ name }) => printableText(name).replaceAll("\n", "\\n"));
  const width = Math.min(40, Math.max(0, ...names.map((name) => name.length)));
  return fields
    .map(
      ({ value }, at) =>
        `${colours.cyan(names[at]!.padEnd(width))}  ${indented(printableText(value), width + 2)}`,
    )
    .join("\n");
}

function partText({ name, filename, headers, view }: PartView, number: number, options: TextOptions): string {
  const { colours } = options;
  const title = [
    `part ${number}`,
    ...(name === undefined ? [] : [name]),
    ...(filename === undefined ? [] : [filename]),
  ];
  const lines = headers
    .map(([field, value]) => `${colours.cyan(printable(field))}: ${printable(value)}\n`)
    .join("");
  const body = describeContent(view, options);
  return `${colours.bold(printableText(title.join("  ")))}  ${colours.dim(formatSize(view.size))}\n${lines}${body}`;
}

function imageText(view: Extract<ContentView, { kind: "image" }>, { colours }: TextOptions): string {
  const { format, width, height, animated } = view.image;
  const size = width === undefined || height === undefined ? "" : `, ${width} × ${height} pixels`;
  const line = `${format.toUpperCase()} image${size}${animated === true ? ", animated" : ""}, ${formatSize(view.size)}`;
  return view.source === undefined
    ? colours.magenta(line)
    : `${colours.magenta(line)}\n${printableText(view.source)}`;
}

function eventText(
  { event, data, id, retry, comments, time, incomplete }: TimedEvent,
  options: TextOptions,
): string {
  const { colours } = options;
  const when = time === null ? "" : formatDuration(time);
  const facts = [
    colours.bold(printable(event)),
    ...(id === "" ? [] : [colours.dim(`id ${printableText(id)}`)]),
    ...(retry === undefined ? [] : [colours.dim(`retry ${retry} ms`)]),
    ...(incomplete === true ? [colours.yellow("incomplete")] : []),
  ];
  const said = (comments ?? []).map((comment) => `${colours.dim(`: ${printableText(comment)}`)}\n`).join("");
  const text = data === "" ? "" : `${indented(paintJson(printableText(data), colours), 10, true)}\n`;
  return `${colours.dim(when.padStart(8))}  ${facts.join("  ")}\n${said}${text}`;
}

function operationText(
  {
    type,
    name,
    query,
    variables,
    extensions,
  }: Extract<ContentView, { kind: "graphql" }>["operations"][number],
  { colours }: TextOptions,
): string {
  const title = `GraphQL ${type ?? "operation"}${name === undefined ? "" : ` ${name}`}`;
  const lines = [colours.bold(printableText(title))];
  if (query !== undefined) lines.push(printableText(query));
  if (variables !== undefined)
    lines.push(`${colours.dim("variables")} ${paintJson(printableText(variables), colours)}`);
  if (extensions !== undefined)
    lines.push(`${colours.dim("extensions")} ${paintJson(printableText(extensions), colours)}`);
  return lines.join("\n");
}

function binaryText(view: Extract<ContentView, { kind: "binary" }>, { colours }: TextOptions): string {
  const what = view.format === undefined ? "binary" : view.format;
  const rest = view.size - view.dumped;
  const more = rest > 0 ? `\n${colours.dim(`and ${formatSize(rest)} more; --body gives all of it`)}` : "";
  return `${colours.magenta(`${what}, ${formatSize(view.size)}`)}\n${view.dump.trimEnd()}${more}`;
}

function jwtText(jwt: NonNullable<ContentView["jwts"]>[number], { colours }: TextOptions): string {
  const facts = [`JWT ${jwt.algorithm}`, "not verified"];
  if (jwt.expiresAt !== undefined) facts.push(`expires ${jwt.expiresAt}`);
  const claims = jwt.claims === null ? "encrypted" : paintJson(printableText(jwt.claims), colours);
  return `${colours.dim(`${printable(facts.join(", "))}:`)} ${claims}\n`;
}

/** Further lines (or all of them) so many columns to the right. */
function indented(text: string, columns: number, first = false): string {
  const blanks = " ".repeat(columns);
  const lines = text.split("\n").join(`\n${blanks}`);
  return first ? `${blanks}${lines}` : lines;
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
