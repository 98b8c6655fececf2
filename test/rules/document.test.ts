// docs/rules.md and docs/rules.schema.json are what the program says: npx vitest run test/rules/document.test.ts --update
import { mkdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ACTIONS } from "../../src/rules/actions.js";
import { ruleFileJsonSchema } from "../../src/rules/schema.js";
import { exampleRule, printedJson, rulesDocument } from "./document.js";
import { rules, tempFolder } from "./support.js";

const ROOT = join(import.meta.dirname, "../..");

test("docs/rules.md", async () => {
  await expect(rulesDocument()).toMatchFileSnapshot(join(ROOT, "docs/rules.md"));
});

test("docs/rules.schema.json", async () => {
  await expect(printedJson(ruleFileJsonSchema())).toMatchFileSnapshot(join(ROOT, "docs/rules.schema.json"));
});

test("every example is a rule without mistakes", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "dist"));
  const examples = Object.values(ACTIONS).map(({ example }) => exampleRule(example).replace(/^/gm, "  "));
  const set = await rules(`rules:\n${examples.join("\n")}`, folder);
  expect(set.rules).toHaveLength(examples.length);
  // Each shows the action that it is the example of.
  for (const { name, example } of Object.values(ACTIONS)) {
    const rule = set.rules.find((each) => example.includes(`name: ${each.name}\n`));
    expect(rule?.actions.map((action) => action.name)).toContain(name);
  }
});

test("the rule files in the document have no mistakes", async () => {
  const text = await readFile(join(ROOT, "docs/rules.md"), "utf8");
  const files = [...text.matchAll(/```yaml\n([^`]*?^rules:[^`]*)```/gm)].map((match) => match[1]!);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) await rules(file);
});

test("every action has its file, under its own name", async () => {
  const files = await readdir(join(ROOT, "src/rules/actions"));
  expect(files.sort()).toEqual(
    Object.keys(ACTIONS)
      .map((name) => `${name}.ts`)
      .sort(),
  );
});
