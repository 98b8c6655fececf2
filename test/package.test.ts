// What `npm pack` ships runs elsewhere: the command, the programmatic entry, the preload, and nothing that is not needed.
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./support/run.js";

const ROOT = resolve(import.meta.dirname, "..");
let folder: string;
let installed: string;
let files: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trafficctl-pack-"));
  const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: ROOT,
  });
  const [{ filename, files: listed }] = JSON.parse(packed.stdout);
  files = listed.map(({ path }: { path: string }) => path);
  await run("mkdir", ["-p", join(folder, "node_modules")]);
  await run("tar", ["-xzf", join(folder, filename), "-C", folder]);
  installed = join(folder, "node_modules", "trafficctl");
  await run("mv", [join(folder, "package"), installed]);
  // Its dependencies, as npm would put them there.
  await symlink(join(ROOT, "node_modules"), join(installed, "node_modules"));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("has the build and no sources, tests or benchmarks", () => {
  expect(files).toEqual(
    expect.arrayContaining([
      "dist/bin/trafficctl.js",
      "dist/src/index.d.ts",
      "dist/src/preload/node-proxy.cjs",
      "README.md",
    ]),
  );
  expect(
    files.filter((path) => !/^(dist\/|docs\/|README\.md|CHANGELOG\.md|LICENSE|package\.json)/.test(path)),
  ).toEqual([]);
});

test("the command runs", async () => {
  const version = await run(process.execPath, [join(installed, "dist/bin/trafficctl.js"), "--version"]);
  expect(version).toMatchObject({ code: 0, stderr: "" });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("the entry records", async () => {
  const home = join(folder, "home");
  const script = `import { record } from "trafficctl";
    const recording = await record({ home: ${JSON.stringify(home)}, port: 0 });
    const response = await fetch(recording.url + "/ca.pem");
    console.log(response.status, (await response.text()) === recording.ca.certPem, (await recording.stop()).exchanges);`;
  const result = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: folder });
  expect(result).toEqual({ code: 0, stdout: "200 true 0\n", stderr: "" });
});
