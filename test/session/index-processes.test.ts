// The index built by several processes at once, and by one that is killed meanwhile.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { INDEXED, logPath, readPlainly, readRows, writeLog } from "./index-support.js";
import { httpExchange, tempFolder } from "./support.js";

const ROOT = join(import.meta.dirname, "..", "..");
let modules: string;

beforeAll(() => {
  modules = tempFolder();
  writeFileSync(join(modules, "package.json"), '{"type":"module"}');
  const options = "--ignoreConfig --module nodenext --target es2023 --types node --skipLibCheck".split(" ");
  const place = [
    "--typeRoots",
    join(ROOT, "node_modules/@types"),
    "--rootDir",
    join(ROOT, "src"),
    "--outDir",
    modules,
  ];
  const source = join(ROOT, "src/session/index/open-rows.ts");
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, ...options, ...place, source], { stdio: "pipe" });
});

/** Opens the session's rows, with an index, in a process of its own, which prints how many there are. */
function open(folder: string): ChildProcess & { stdout: NonNullable<ChildProcess["stdout"]> } {
  const script = `
    const { openRows } = await import(${JSON.stringify(pathToFileURL(join(modules, "session/index/open-rows.js")).href)});
    const rows = await openRows(${JSON.stringify(logPath(folder))}, { unindexedBytes: 0 });
    console.log(rows.blocks.reduce((sum, block) => sum + block.rows, 0));
    await rows.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return child;
}

const log = Array.from(
  { length: 6000 },
  (_, i) => `${JSON.stringify({ v: 1, type: "exchange", ...httpExchange({ seq: i + 1 }) })}\n`,
).join("");

it("several processes at once each have the right rows, and a sound index stays", async () => {
  const folder = tempFolder();
  writeLog(folder, log);
  const printed = await Promise.all(Array.from({ length: 4 }, () => text(open(folder).stdout)));
  expect(printed.map((line) => line.trim())).toEqual(["6000", "6000", "6000", "6000"]);
  expect(readdirSync(folder).sort()).toEqual(["exchanges.jsonl", "index"]);
  expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
});

it("a process that is killed while it builds does no harm", async () => {
  const folder = tempFolder();
  writeLog(folder, log);
  const begun = new Promise<void>((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name === null || !name.endsWith(".tmp")) return;
      watcher.close();
      resolve();
    });
  });
  const child = open(folder);
  const exited = once(child, "exit");
  await begun;
  child.kill("SIGKILL");
  await exited;
  expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
  expect(await text(open(folder).stdout)).toBe("6000\n");
});
