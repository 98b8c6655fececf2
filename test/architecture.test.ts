// Keeps the table of rooms in docs/architecture.md true: which folder may import which, and who alone imports a package.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");
const SHARED = ["errors", "log", "near-names", "version"];

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  exchange: [],
  filter: ["exchange"],
  content: ["exchange"],
  snippet: ["exchange"],
  redact: ["exchange", "content"],
  har: ["exchange", "content"],
  rules: ["exchange", "filter", "content"],
  control: ["exchange"],
  session: ["exchange"],
  proxy: ["exchange"],
  replay: ["exchange", "filter", "content", "redact", "session", "proxy"],
  operations: [
    "exchange",
    "filter",
    "content",
    "snippet",
    "redact",
    "har",
    "rules",
    "control",
    "session",
    "proxy",
    "replay",
  ],
  mcp: ["operations", "exchange"],
  cli: ["operations", "exchange", "mcp"],
  preload: [],
};

const ONLY_IMPORTER: Readonly<Record<string, string>> = {
  "http-mitm-proxy": "proxy/engine.ts",
  "node-forge": "proxy/authority.ts",
  chalk: "cli/print.ts",
  "har-validator": "har/validate.ts",
};

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const imports = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.c?ts$/.test(name))
  .flatMap((name) => importsOf(join(SRC, name)));

function importsOf(path: string): Import[] {
  const text = readFileSync(path, "utf8");
  const found: Import[] = [];
  const patterns = [
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"/gms,
    /(\0)?\bimport\("([^"]+)"\)/g,
    /(\0)?\brequire\("([^"]+)"\)/g,
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      found.push({ file: relative(SRC, path), specifier: match[2]!, typeOnly: match[1] === "type " });
    }
  }
  return found;
}

function roomOf(file: string): string {
  return file.includes("/") ? file.split("/")[0]! : "";
}

function targetRoom({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = relative(SRC, resolve(SRC, dirname(file), specifier));
  const name = target.replace(/\.c?js$/, "");
  return SHARED.includes(name) ? undefined : roomOf(target);
}

describe("imports", () => {
  test("are found", () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  test("keep to the rooms that a room may use", () => {
    const wrong = imports.filter((each) => {
      const from = roomOf(each.file);
      const to = targetRoom(each);
      return from !== "" && to !== undefined && to !== from && !(MAY_IMPORT[from] ?? []).includes(to);
    });
    expect(wrong).toEqual([]);
  });

  test("every room is in the table", () => {
    const rooms = new Set(imports.map(({ file }) => roomOf(file)).filter((room) => room !== ""));
    expect([...rooms].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  test.each(Object.entries(ONLY_IMPORTER))("of %s come from %s alone", (name, importer) => {
    const importers = imports.filter(({ specifier }) => specifier === name).map(({ file }) => file);
    expect(new Set(importers)).toEqual(new Set([importer]));
  });
});
