// serve-dir gives the files of its folder, and none from outside of it, whatever is asked.
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lookUp } from "../../src/rules/served-file.js";
import { segmentsOf } from "../../src/rules/served-path.js";
import type { TrialEffect } from "../../src/rules/trial.js";
import { run } from "../support/run.js";
import { acting, request, tempFolder, trial } from "./support.js";

/** `folder/site` is served; `folder/secret.txt` is beside it. */
function site(): string {
  const folder = tempFolder();
  const root = join(folder, "site");
  mkdirSync(join(root, "sub dir"), { recursive: true });
  mkdirSync(join(root, "empty"));
  mkdirSync(join(folder, "site-too"));
  writeFileSync(join(folder, "secret.txt"), "SECRET");
  writeFileSync(join(folder, "site-too", "secret.txt"), "SECRET");
  writeFileSync(join(root, "index.html"), "<p>home");
  writeFileSync(join(root, "a.js"), "a()");
  writeFileSync(join(root, "%2e%2e"), "a name like any other");
  writeFileSync(join(root, "sub dir", "index.html"), "<p>sub");
  symlinkSync(join(folder, "secret.txt"), join(root, "link.txt"));
  symlinkSync(folder, join(root, "up"));
  symlinkSync(join(root, "a.js"), join(root, "inside.js"));
  symlinkSync("loop", join(root, "loop"));
  return folder;
}

async function get(
  folder: string,
  path: string,
  settings: object = {},
  method = "GET",
): Promise<TrialEffect> {
  const set = await acting({ "serve-dir": { dir: "site", ...settings } }, folder);
  return (await trial(set, { request: request({ method, url: `https://www.test${path}` }) })).effect;
}

async function content({ response }: TrialEffect): Promise<string> {
  const body = response?.body;
  if (body === undefined) throw new Error("no body");
  return (Buffer.isBuffer(body) ? body : await body.bytes(1e6))?.toString() ?? "";
}

describe("serve-dir", () => {
  test.each([
    ["/", "text/html; charset=utf-8", "<p>home"],
    ["/a.js", "text/javascript; charset=utf-8", "a()"],
    ["/a.js?x=/../", "text/javascript; charset=utf-8", "a()"],
    ["/./a.js", "text/javascript; charset=utf-8", "a()"],
    ["//a.js", "text/javascript; charset=utf-8", "a()"],
    ["/%61.js", "text/javascript; charset=utf-8", "a()"],
    ["/sub%20dir/", "text/html; charset=utf-8", "<p>sub"],
    ["/inside.js", "text/javascript; charset=utf-8", "a()"],
    ["/%252e%252e", "application/octet-stream", "a name like any other"],
  ])("%s", async (path, type, text) => {
    const effect = await get(site(), path);
    expect(effect.response).toMatchObject({ status: 200 });
    expect(effect.response?.headers).toContainEqual(["Content-Type", type]);
    expect(effect.response?.headers).toContainEqual(["Content-Length", String(text.length)]);
    expect(await content(effect)).toBe(text);
  });

  test.each([
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/.%2e/secret.txt",
    "/%252e%252e/secret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/..%c0%afsecret.txt",
    "/sub%20dir/../../secret.txt",
    "/a.js/../../secret.txt",
    "/../site-too/secret.txt",
    "/%2fetc/passwd",
    "//etc/passwd",
    "/up/secret.txt",
    "/up/site/../secret.txt",
    "/link.txt",
    "/loop",
    "/a.js%00.txt",
    "/%00",
    "/a.js/",
    "/empty/",
    "/nope",
    "/%",
    "/%zz",
    `/${"a".repeat(5000)}`,
    `/${"a/".repeat(5000)}`,
  ])("%s is not there", async (path) => {
    const effect = await get(site(), path);
    expect(effect.response?.status).toBe(404);
    expect(await content(effect)).toBe("404 Not Found\n");
    expect((await get(site(), path, { missing: "pass" })).request).toEqual({});
  });

  test("no path at all leads outside", async () => {
    const folder = site();
    const step = fc.constantFrom(
      "..",
      ".",
      "%2e",
      "%2f",
      "%5c",
      "/",
      "\\",
      "up",
      "link.txt",
      "secret.txt",
      "%00",
      "site",
      "sub%20dir",
      "a.js",
      "%252e",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const effect = await get(folder, `/${steps.join("")}`);
        expect(effect.response?.status).toBeOneOf([200, 301, 404]);
        expect(await content(effect)).not.toContain("SECRET");
      }),
      { numRuns: 200 },
    );
  });

  test("what is stripped has to be there, at a whole name", async () => {
    const folder = site();
    expect(await content(await get(folder, "/static/a.js", { strip: "/static/" }))).toBe("a()");
    for (const path of ["/a.js", "/staticky/a.js", "/static/../a.js"]) {
      expect((await get(folder, path, { strip: "/static/" })).response?.status).toBe(404);
    }
    expect(await content(await get(folder, "/static/a.js", { strip: "/static" }))).toBe("a()");
    // Such a name would be `a.js` without what is stripped.
    expect((await get(folder, "/statica.js", { strip: "/static" })).response?.status).toBe(404);
    const { response } = await get(folder, "/static?a", { strip: "/static/" });
    expect(response?.headers).toContainEqual(["Location", "/static/?a"]);
  });

  test.each([
    ["/sub%20dir", "/sub%20dir/"],
    ["/sub%20dir?a=1", "/sub%20dir/?a=1"],
    ["//sub%20dir", "/sub%20dir/"],
    ["///sub%20dir", "/sub%20dir/"],
  ])("%s is sent on to %s, on the same host", async (path, location) => {
    const { response } = await get(site(), path);
    expect(response).toMatchObject({ status: 301 });
    expect(response?.headers).toContainEqual(["Location", location]);
  });

  test("HEAD is GET, anything else is refused", async () => {
    expect((await get(site(), "/a.js", {}, "HEAD")).response?.status).toBe(200);
    const { response } = await get(site(), "/a.js", {}, "POST");
    expect(response?.status).toBe(405);
    expect(response?.headers).toContainEqual(["Allow", "GET, HEAD"]);
  });

  test("a named pipe is no file, and holds nobody", async () => {
    const folder = site();
    expect((await run("mkfifo", [join(folder, "site", "pipe")])).code).toBe(0);
    expect((await get(folder, "/pipe")).response?.status).toBe(404);
  });

  test("a file that became shorter is not passed off as whole", async () => {
    const folder = site();
    const found = await lookUp(join(folder, "site"), ["a.js"]);
    if (found.kind !== "file") throw new Error("no file");
    truncateSync(join(folder, "site", "a.js"), 1);
    await expect(found.file.bytes(100)).rejects.toMatchObject({ code: "IO_FAILED" });
  });

  test("Windows: drives, streams, devices and dots at the end are no names", () => {
    for (const path of [
      "/C:/x",
      "/a.js::$DATA",
      "/con",
      "/NUL.txt",
      "/com1",
      "/a.js.",
      "/a.js ",
      "/a/.. /b",
      "/...",
    ]) {
      expect(segmentsOf(path, "/", "win32")).toBeUndefined();
    }
    expect(segmentsOf("/console/a.js", "/", "win32")).toEqual(["console", "a.js"]);
  });
});
