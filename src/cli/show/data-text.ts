// Protocol buffers, gRPC, MessagePack and CBOR as text: trees without a schema.
import type { ContentView } from "../../operations/show.js";
import { printable, printableText } from "../printable.js";
import type { TextOptions } from "../text-options.js";
import { formatSize } from "../units.js";
import { describeContent } from "./content-text.js";

type Data = Extract<ContentView, { kind: "protobuf" | "grpc" | "data" }>;
type Field = Extract<ContentView, { kind: "protobuf" }>["fields"][number];

export function dataText(view: Data, options: TextOptions): string {
  const { colours } = options;
  switch (view.kind) {
    case "protobuf":
      return `${colours.dim("protobuf, without its schema")}\n${fieldsText(view.fields, 0, options)}`;
    case "grpc":
      return view.messages
        .map(({ kind, compressed, size, view: inner }, at) => {
          const packed = compressed ? ", compressed" : "";
          const title = `${kind} ${at + 1}, ${formatSize(size)}${packed}`;
          return `${colours.bold(title)}\n${describeContent(inner, options)}`;
        })
        .join("");
    case "data":
      return `${colours.dim(view.format)}\n${printableText(view.text)}`;
  }
}

function fieldsText(fields: readonly Field[], depth: number, options: TextOptions): string {
  return fields.map((field) => fieldText(field, depth, options)).join("");
}

function fieldText({ number, value }: Field, depth: number, options: TextOptions): string {
  const { colours } = options;
  const start = `${"  ".repeat(depth)}${colours.cyan(String(number))}: `;
  switch (value.kind) {
    case "varint": {
      const others = [
        ...(value.signed === undefined ? [] : [`int64 ${value.signed}`]),
        `sint64 ${value.zigzag}`,
      ];
      return `${start}${colours.yellow(value.unsigned)} ${colours.dim(`(${others.join(", ")})`)}\n`;
    }
    case "fixed64":
    case "fixed32":
      return `${start}${colours.yellow(value.unsigned)} ${colours.dim(`(${value.kind}, as a float ${value.float})`)}\n`;
    case "string":
      return `${start}${colours.green(JSON.stringify(printableText(value.text)))}\n`;
    case "message":
    case "group":
      return `${start}{\n${fieldsText(value.fields, depth + 1, options)}${"  ".repeat(depth)}}\n`;
    case "bytes":
      return `${start}${colours.magenta(printable(value.hex))} ${colours.dim(`(${formatSize(value.size)})`)}\n`;
  }
}
