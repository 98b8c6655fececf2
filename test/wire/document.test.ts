// docs/wire.md is what the tables say, and every row is a test.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wireDocument } from "./document.js";
import { STATEMENTS } from "./statements.js";
import { TOPICS } from "./topics.js";

const FOLDER = import.meta.dirname;

test("docs/wire.md is made from the tables: npx vitest run test/wire/document.test.ts --update", async () => {
  await expect(wireDocument()).toMatchFileSnapshot(join(FOLDER, "../../docs/wire.md"));
});

test("ids are unique", () => {
  const ids = [
    ...TOPICS.flatMap(({ cases }) => cases),
    ...STATEMENTS.flatMap(({ statements }) => statements),
  ].map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("every statement has its test", async () => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".test.ts"));
  const sources = await Promise.all(files.map((file) => readFile(join(FOLDER, file), "utf8")));
  const tested = sources.flatMap((source) =>
    [...source.matchAll(/wireTest\("([^"]+)"/g)].map((match) => match[1]),
  );
  const stated = STATEMENTS.flatMap(({ statements }) => statements).map(({ id }) => id);
  expect(tested.sort()).toEqual(stated.sort());
});

test("every topic is run", async () => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".test.ts"));
  const sources = await Promise.all(files.map((file) => readFile(join(FOLDER, file), "utf8")));
  const run = sources.flatMap((source) => [...source.matchAll(/test(?:Http2)?Topic\(\w+\.\w+/g)]);
  expect(run).toHaveLength(TOPICS.length);
});
