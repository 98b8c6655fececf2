// A saved rule file is applied, a broken one reported; however an editor saves.
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TrafficError } from "../../src/errors.js";
import { loadRules } from "../../src/rules/load.js";
import type { RuleSet } from "../../src/rules/types.js";
import { watchRules } from "../../src/rules/watch.js";
import { tempFolder } from "./support.js";

const named = (...names: string[]): string =>
  `rules:\n${names.map((name) => `  - {name: ${name}, actions: [pass]}\n`).join("")}`;

/** What is told next: the names of the rules, or the error's message. */
async function watching(
  paths: readonly string[],
): Promise<{ next(): Promise<string>; close(): void; told: string[] }> {
  const told: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  const tell = (text: string): void => {
    const resolve = waiting.shift();
    if (resolve === undefined) told.push(text);
    else resolve(text);
  };
  const watcher = await watchRules(paths, await loadRules(paths), {
    loaded: (set: RuleSet) => tell(set.rules.map(({ name }) => name).join(" ")),
    failed: (error: TrafficError) => tell(`${error.code} ${error.message}`),
  });
  onTestFinished(() => watcher.close());
  const next = (): Promise<string> => {
    const text = told.shift();
    return text === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(text);
  };
  return { next, close: () => watcher.close(), told };
}

describe("a watched rule file", () => {
  test("written in place, by renaming, and after it was gone", async () => {
    const folder = tempFolder();
    const path = join(folder, "rules.yaml");
    writeFileSync(path, named("a"));
    const { next } = await watching([path]);
    writeFileSync(path, named("a", "b"));
    expect(await next()).toBe("a b");
    writeFileSync(`${path}.tmp`, named("c"));
    renameSync(`${path}.tmp`, path);
    expect(await next()).toBe("c");
    unlinkSync(path);
    expect(await next()).toContain("FILE_NOT_FOUND");
    writeFileSync(path, named("d"));
    expect(await next()).toBe("d");
  });

  test("a broken edit says what is wrong, and the next one is applied", async () => {
    const path = join(tempFolder(), "rules.yaml");
    writeFileSync(path, named("a"));
    const { next } = await watching([path]);
    writeFileSync(path, "rules:\n  - {name: a, actions: {delai: 1}}\n");
    expect(await next()).toContain(`${path}:2:25: there is no 'delai' here (did you mean delay?)`);
    writeFileSync(path, named("b"));
    expect(await next()).toBe("b");
  });

  test("with the files that it names", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "bodies"));
    const path = join(folder, "rules.yaml");
    const body = join(folder, "bodies", "a.json");
    writeFileSync(path, "rules:\n  - {name: a, actions: {respond: {file: bodies/a.json}}}\n");
    writeFileSync(body, "1");
    const { next } = await watching([path]);
    writeFileSync(body, "22");
    expect(await next()).toBe("a");
    rmSync(body);
    expect(await next()).toContain("there is no");
    writeFileSync(body, "333");
    expect(await next()).toBe("a");
  });

  test("in a folder that is made anew, as a checkout does", async () => {
    const root = join(tempFolder(), "project");
    const folder = join(root, "rules");
    const path = join(folder, "rules.yaml");
    const make = (name: string): void => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, named(name));
    };
    make("a");
    const { next } = await watching([path]);
    rmSync(folder, { recursive: true });
    make("b");
    expect(await next()).toBe("b");
    writeFileSync(path, named("c"));
    expect(await next()).toBe("c");
    rmSync(root, { recursive: true });
    expect(await next()).toContain("FILE_NOT_FOUND");
    make("d");
    expect(await next()).toBe("d");
    renameSync(root, `${root}.old`);
    make("e");
    expect(await next()).toBe("e");
    writeFileSync(path, named("f"));
    expect(await next()).toBe("f");
  });

  test("behind a symbolic link", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "real"));
    writeFileSync(join(folder, "real", "rules.yaml"), named("a"));
    symlinkSync(join(folder, "real", "rules.yaml"), join(folder, "rules.yaml"));
    const { next } = await watching([join(folder, "rules.yaml")]);
    writeFileSync(join(folder, "real", "rules.yaml"), named("b", "c"));
    expect(await next()).toBe("b c");
  });

  test("among others, whose changes are nobody's business", async () => {
    const folder = tempFolder();
    const paths = [join(folder, "one.yaml"), join(folder, "two.yaml")];
    writeFileSync(paths[0]!, named("a"));
    writeFileSync(paths[1]!, named("b"));
    const { next, told } = await watching(paths);
    writeFileSync(join(folder, "other.yaml"), "rules: 5");
    writeFileSync(paths[1]!, named("a"));
    expect(await next()).toMatch(/two\.yaml:2:5: a second rule 'a' \(the first one is in .*one\.yaml:2\)/);
    expect(told).toEqual([]);
  });

  test("no more, once it is closed", async () => {
    const path = join(tempFolder(), "rules.yaml");
    writeFileSync(path, named("a"));
    const first = await watching([path]);
    const second = await watching([path]);
    first.close();
    writeFileSync(path, named("b"));
    expect(await second.next()).toBe("b");
    expect(first.told).toEqual([]);
  });
});

describe("loading", () => {
  test.each([
    ["no such file", undefined, "FILE_NOT_FOUND"],
    ["too large", "#".repeat(1_000_001), "IO_FAILED"],
    ["no UTF-8", Buffer.from("rules: []\n# \xff\n", "latin1"), "RULES_INVALID"],
  ])("%s", async (_, text, code) => {
    const path = join(tempFolder(), "rules.yaml");
    if (text !== undefined) writeFileSync(path, text);
    await expect(loadRules([path])).rejects.toMatchObject({ code });
  });

  test("the line that is no UTF-8 is told", async () => {
    const path = join(tempFolder(), "rules.yaml");
    writeFileSync(path, Buffer.from("rules: []\n# \xff\n", "latin1"));
    await expect(loadRules([path])).rejects.toMatchObject({ mistakes: [{ line: 2 }] });
  });
});
