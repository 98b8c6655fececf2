// Breakpoints in a running proxy, from other processes: held, shown, edited, resumed, dropped, released.
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RunningCli, startRecord, trafficctl } from "../support/cli.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { run } from "../support/run.js";

const CLI = resolve(import.meta.dirname, "../../dist/bin/trafficctl.js");

let origin: Origin;
let home: string;
const running: RunningCli[] = [];

beforeAll(async () => {
  origin = await httpOrigin((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => response.end(`${request.url} ${Buffer.concat(pieces).toString()}`));
  });
});
afterAll(() => origin.close());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-intercept-"));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGKILL");
    await ended();
  }
  await rm(home, { recursive: true, force: true });
});

async function start(...args: string[]): Promise<RunningCli> {
  const cli = await startRecord(["--port", "0", "--home", home, "--session", "s", ...args]);
  running.push(cli);
  return cli;
}

const intercept = (...args: string[]) => trafficctl(["intercept", ...args, "--home", home]);
const held = async () => JSON.parse((await intercept("list", "--json")).stdout).held;
const curl = ({ ready }: RunningCli, path: string, ...args: string[]) =>
  run("curl", ["-sS", "-x", String(ready.url), `http://127.0.0.1:${origin.port}${path}`, ...args]);

/** An editor that is a script: it gets the file as its argument. */
async function editor(script: string): Promise<NodeJS.ProcessEnv> {
  const path = join(home, "editor.mjs");
  await writeFile(
    path,
    `import { readFileSync, writeFileSync } from "node:fs";\nconst path = process.argv[2];\nlet text = readFileSync(path, "latin1");\n${script}\nwriteFileSync(path, text, "latin1");\n`,
  );
  return { VISUAL: "", EDITOR: `'${process.execPath}' '${path}'` };
}

const edit = async (id: string, script: string) =>
  trafficctl(["intercept", "edit", id, "--home", home], await editor(script));

test("request and response are held, edited and let go; other traffic never waits", async () => {
  const cli = await start("--intercept", "~u /held");
  const answer = curl(cli, "/held", "-d", "body", "-H", "X-A: 1");
  expect(await cli.next("held")).toMatchObject({ id: 1, phase: "request", method: "POST", status: null });
  expect((await curl(cli, "/free")).stdout).toBe("/free ");
  const shown = await intercept("show", "1");
  expect(shown.stdout).toMatch(/^POST http:.*\/held\n[\s\S]*^X-A: 1\n[\s\S]*\n\nbody\n$/m);
  expect((await intercept("list")).stdout).toMatch(/^ *1 +request .* POST +http:.*\/held$/m);
  const first = await edit(
    "1",
    'text = text.replace("/held", "/other").replace("\\n\\nbody", "\\n\\nlonger body");',
  );
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(await cli.next("held")).toMatchObject({ id: 2, phase: "response", status: 200 });
  await edit("2", 'text = text.replace(/^200 .*/m, "418 Teapot") + "!";');
  expect((await answer).stdout).toBe("/other longer body!");
  expect(await held()).toEqual([]);
  const log = await readFile(join(home, "sessions", "s", "exchanges.jsonl"), "utf8");
  expect(log).toContain('"status":418');
  expect(log).toContain('"rules":["intercept"]');
});

test("what is not changed stays held, and a mistake changes nothing", async () => {
  const cli = await start("--intercept", "~all");
  const answer = curl(cli, "/");
  await cli.next("held");
  expect((await edit("1", "")).stdout).toMatch(/^unchanged, still held: 1/);
  expect(await edit("1", 'text = text.replace("GET", "G T Q");')).toMatchObject({
    code: 2,
    stderr: /line 2: this is no request line/,
  });
  expect(await edit("1", 'text = text.replace("GET", "G@T");')).toMatchObject({
    code: 2,
    stderr: /'G@T' is no method/,
  });
  expect(await held()).toMatchObject([{ id: 1 }]);
  expect(await intercept("resume", "7")).toMatchObject({ code: 1, stderr: /no exchange is held as 7/ });
  await intercept("set", "");
  expect((await intercept("resume", "--all")).stdout).toMatch(/^resumed 1: request GET/);
  // It began with the breakpoint, and keeps it.
  await cli.next("held");
  await intercept("resume", "2");
  expect((await answer).stdout).toBe("/ ");
  expect((await curl(cli, "/next")).stdout).toBe("/next ");
});

test("an editor that leaves nothing, or ends badly, changes nothing", async () => {
  const cli = await start("--intercept", "~all");
  const answer = curl(cli, "/");
  await cli.next("held");
  const editBy = (command: string) =>
    trafficctl(["intercept", "edit", "1", "--home", home], { VISUAL: "", EDITOR: command });
  expect(await editBy("rm")).toMatchObject({
    code: 1,
    stderr: /^error: the editor left no file that can be read \(ENOENT\): nothing was changed\n$/,
  });
  expect(await editBy("kill -TERM $$ #")).toMatchObject({
    code: 1,
    stderr: /ended with SIGTERM: nothing was changed/,
  });
  expect(await editBy("false")).toMatchObject({ code: 1, stderr: /^error: false ended with 1/ });
  expect((await editBy("truncate -s 0")).stdout).toMatch(/^unchanged, still held: 1/);
  await intercept("resume", "--all");
  await cli.next("held");
  await intercept("resume", "--all");
  expect((await answer).stdout).toBe("/ ");
});

test("one that goes on while it is edited is not held any more", async () => {
  const cli = await start("--intercept", "~u /held");
  const answer = curl(cli, "/held");
  await cli.next("held");
  const resume = `import { execFileSync } from "node:child_process";
    execFileSync(process.execPath, ${JSON.stringify([CLI, "intercept", "resume", "1", "--home", home])});
    text += "x";`;
  expect(await edit("1", resume)).toMatchObject({
    code: 1,
    stderr: /^error: exchange 1 is not held any more: it went on while it was edited, or its client left\n$/,
  });
  await intercept("resume", "2");
  expect((await answer).stdout).toBe("/held ");
});

test.skipIf(process.platform === "win32")("Ctrl-C in an editor is the editor's", async () => {
  const cli = await start("--intercept", "~u /held");
  const answer = curl(cli, "/held");
  await cli.next("held");
  // Its parent, or that one's where the shell stays.
  const interrupt = `import { execFileSync } from "node:child_process";
    const about = (pid, what) => execFileSync("ps", ["-o", what + "=", "-p", String(pid)]).toString().trim();
    let pid = process.ppid;
    if (!about(pid, "args").includes("intercept edit")) pid = Number(about(pid, "ppid"));
    if (!about(pid, "args").includes("intercept edit")) process.exit(5);
    process.kill(pid, "SIGINT");
    text = text.replace("/held", "/other");`;
  expect(await edit("1", interrupt)).toMatchObject({ code: 0, stdout: /^resumed 1/ });
  await cli.next("held");
  await intercept("resume", "2");
  expect((await answer).stdout).toBe("/other ");
});

test.skipIf(process.platform !== "linux")(
  "at a terminal a mistake is shown, and kept where it stays",
  async () => {
    const cli = await start("--intercept", "~u /held");
    const answer = curl(cli, "/held");
    await cli.next("held");
    const command = `'${process.execPath}' '${CLI}' intercept edit 1 --home '${home}'`;
    const atTerminal = async (script: string) =>
      run("script", ["-qec", command, "/dev/null"], { env: { ...process.env, ...(await editor(script)) } });
    const stubborn = await atTerminal('text = text.replace("GET", "G@T");');
    expect(stubborn.code).toBe(2);
    const [, kept = ""] = /'G@T' is no method[\s\S]*what you wrote is in (\S+)/.exec(stubborn.stdout) ?? [];
    expect(await readFile(kept, "latin1")).toMatch(
      /^# Held request 1, not sent: 'G@T' is no method: .*\nG@T http:.*\/held\n/,
    );
    await rm(dirname(kept), { recursive: true });
    const patient = await atTerminal(
      'text = text.includes("not sent") ? text.replace("G T ", "GET").replace("/held", "/other") : text.replace("GET", "G T ");',
    );
    expect(patient).toMatchObject({ code: 0, stdout: /resumed 1/ });
    await cli.next("held");
    await intercept("resume", "2");
    expect((await answer).stdout).toBe("/other ");
  },
);

test("dropped: the client gets no answer, and the origin no request", async () => {
  const cli = await start();
  expect(JSON.parse((await intercept("set", "~u /held", "--json")).stdout)).toMatchObject({
    filter: "~u /held",
  });
  const answer = curl(cli, "/held");
  await cli.next("held");
  await intercept("drop", "1");
  expect(await answer).toMatchObject({ code: 52, stdout: "" });
  expect(await cli.next("exchange")).toMatchObject({ error: { code: "aborted" } });
});

test("one whose client leaves is released", async () => {
  const cli = await start("--intercept", "~all");
  const socket = net.connect(Number(cli.ready.port), "127.0.0.1");
  socket.write(`GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
  await cli.next("held");
  socket.destroy();
  await once(socket, "close");
  expect(await cli.next("exchange")).toMatchObject({ error: { code: "client-closed" } });
  expect(await held()).toEqual([]);
});

test("--intercept-timeout lets it go, and so does stopping", async () => {
  const timed = await start("--intercept", "~all", "--intercept-timeout", "50ms");
  expect((await curl(timed, "/")).stdout).toBe("/ ");
  timed.child.kill("SIGINT");
  await timed.ended();
  const cli = await startRecord(["--port", "0", "--home", home, "--session", "t", "--intercept", "~all"]);
  running.push(cli);
  const answer = curl(cli, "/");
  await cli.next("held");
  expect(JSON.parse((await trafficctl(["status", "--json", "--home", home])).stdout).proxies).toMatchObject([
    { paused: 1 },
  ]);
  cli.child.kill("SIGINT");
  expect((await answer).stdout).toBe("/ ");
  expect(await cli.ended()).toMatchObject({ code: 0 });
});

test("a filter with a mistake starts nothing", async () => {
  const result = await trafficctl([
    "record",
    "--port",
    "0",
    "--home",
    home,
    "--intercept",
    "~x",
    "--",
    "true",
  ]);
  expect(result).toMatchObject({ code: 2, stderr: /no operator ~x/ });
});

test("a pause rule holds as well, and an answer of a rule can't be edited at its request", async () => {
  const path = join(home, "rules.yaml");
  await writeFile(path, "rules: [{name: p, actions: [pause, {respond: {text: mocked}}]}]\n");
  const cli = await start("--rules", path);
  const answer = curl(cli, "/");
  expect(await cli.next("held")).toMatchObject({ phase: "request" });
  expect((await intercept("show", "1")).stdout).toContain("a rule has decided it: answered");
  expect(await edit("1", "text += 1;")).toMatchObject({ code: 2, stderr: /can't be edited/ });
  await intercept("resume", "1");
  expect(await cli.next("held")).toMatchObject({ phase: "response", status: 200 });
  await edit("2", 'text = text.replace("mocked", "edited");');
  expect((await answer).stdout).toBe("edited");
});
