// Real processes: exit codes, signals, commands that can't be started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "../../src/operations/run-command.js";

const folder = mkdtempSync(join(tmpdir(), "trafficctl-run-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string, more: Partial<Parameters<typeof runCommand>[0]> = {}) =>
  runCommand({ command: "sh", args: ["-c", script], env: process.env, ...more });

describe("the exit code", () => {
  it.each([0, 1, 3, 255])("%i is passed on", async (code) => {
    expect(await sh(`exit ${code}`)).toEqual({ exitCode: code });
  });

  it.each([
    ["TERM", 143],
    ["KILL", 137],
    ["INT", 130],
  ])("is 128 + n after SIG%s", async (name, exitCode) => {
    expect(await sh(`kill -${name} $$`)).toEqual({ exitCode });
  });

  it("comes when the command has ended, though a process it left behind holds its stdout", async () => {
    const left = join(folder, "left.pid");
    expect(await sh(`sleep 60 & echo $! > '${left}'; exit 4`)).toEqual({ exitCode: 4 });
    await sh(`kill "$(cat '${left}')"`);
  });
});

describe("the environment", () => {
  it("is the one given, and PATH of it finds the command", async () => {
    writeFileSync(join(folder, "own-command"), '#!/bin/sh\n[ "$ANSWER" = 42 ] && [ -z "$HOME" ]\n', {
      mode: 0o755,
    });
    const env = { PATH: folder, ANSWER: "42" };
    expect(await runCommand({ command: "own-command", args: [], env })).toEqual({ exitCode: 0 });
  });

  it("passes arguments as they are", async () => {
    const odd = ["a b'\"$x`y`", "", "*", "\\"];
    const check = `process.exit(JSON.stringify(process.argv.slice(1)) === process.env.EXPECTED ? 0 : 1)`;
    const env = { ...process.env, EXPECTED: JSON.stringify(odd) };
    expect(await runCommand({ command: process.execPath, args: ["-e", check, "--", ...odd], env })).toEqual({
      exitCode: 0,
    });
  });
});

describe("a command that can't be started", () => {
  it("is COMMAND_NOT_FOUND when there is none", async () => {
    const run = runCommand({ command: "no-such-command", args: [], env: process.env });
    await expect(run).rejects.toMatchObject({
      code: "COMMAND_NOT_FOUND",
      message: expect.stringContaining("no-such-command"),
    });
  });

  it("hints at quotes for a whole line in one argument", async () => {
    const run = runCommand({ command: "npm run smoke", args: [], env: process.env });
    await expect(run).rejects.toMatchObject({ hint: expect.stringContaining("record -- npm run smoke") });
  });

  it("is COMMAND_NOT_EXECUTABLE for a file without the right", async () => {
    const file = join(folder, "plain.txt");
    writeFileSync(file, "text");
    chmodSync(file, 0o644);
    const run = runCommand({ command: file, args: [], env: process.env });
    await expect(run).rejects.toMatchObject({
      code: "COMMAND_NOT_EXECUTABLE",
      hint: expect.stringContaining("chmod +x"),
    });
  });

  it("names the missing interpreter of a script", async () => {
    const file = join(folder, "script");
    writeFileSync(file, "#!/no/such/interpreter\n", { mode: 0o755 });
    const run = runCommand({ command: file, args: [], env: process.env });
    await expect(run).rejects.toMatchObject({
      code: "COMMAND_NOT_FOUND",
      message: expect.stringContaining("#!"),
    });
  });

  it("leaves no listener behind", async () => {
    const count = () => ["SIGINT", "SIGHUP", "exit"].map((name) => process.listenerCount(name));
    const before = count();
    await expect(runCommand({ command: "no-such-command", args: [], env: process.env })).rejects.toThrow();
    await sh("exit 0");
    expect(count()).toEqual(before);
  });
});

describe("ending the command", () => {
  /** Aborts once the command has said, by a file, that it is ready. */
  async function abortWhenReady(script: string, killGraceMs: number): Promise<{ exitCode: number }> {
    const controller = new AbortController();
    const ready = join(folder, `ready-${Math.random()}`);
    const run = sh(`${script.replace("READY", `: > '${ready}'`)}`, {
      signal: controller.signal,
      killGraceMs,
    });
    await sh(`while [ ! -e '${ready}' ]; do sleep 0.01; done`);
    controller.abort();
    return run;
  }

  it("sends SIGTERM, which the command may handle", async () => {
    expect(await abortWhenReady("trap 'exit 7' TERM; READY; while :; do sleep 0.01; done", 20_000)).toEqual({
      exitCode: 7,
    });
  });

  it("kills a command that ignores SIGTERM, after the grace", async () => {
    expect(await abortWhenReady("trap '' TERM; READY; while :; do sleep 0.01; done", 50)).toEqual({
      exitCode: 137,
    });
  });

  it("starts nothing when it is aborted before", async () => {
    const file = join(folder, "started");
    expect(await sh(`: > '${file}'`, { signal: AbortSignal.abort() })).toEqual({ exitCode: 143 });
    expect(await sh(`[ ! -e '${file}' ]`)).toEqual({ exitCode: 0 });
  });
});

describe("signals that reach us", () => {
  /** runCommand in a process of its own without a terminal, which gets `signal` once the command is ready. */
  async function signalled(
    signal: NodeJS.Signals,
    script: string,
  ): Promise<{ code: number | null; stdout: string }> {
    const runner = join(folder, "runner.mjs");
    const source = join(import.meta.dirname, "..", "..", "src", "operations", "run-command.ts");
    const built = await import("vite").then(({ build }) =>
      build({
        logLevel: "silent",
        build: {
          ssr: source,
          outDir: join(folder, "built"),
          emptyOutDir: false,
          rollupOptions: { output: { entryFileNames: "run-command.mjs" } },
        },
      }),
    );
    expect(built).toBeDefined();
    writeFileSync(
      runner,
      `import { runCommand } from "./built/run-command.mjs";
       const { exitCode } = await runCommand({ command: "sh", args: ["-c", process.argv[2]], env: process.env });
       process.stdout.write("ended " + exitCode);`,
    );
    const child = spawn(process.execPath, [runner, script], { stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout === "ready\n") child.kill(signal);
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stdout };
  }

  it("SIGINT without a terminal is passed on, and the command's own way to end is waited for", async () => {
    const script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.01; done";
    expect(await signalled("SIGINT", script)).toEqual({ code: 0, stdout: "ready\ncaught\nended 9" });
  });

  it("SIGHUP is passed on", async () => {
    const script = "trap 'exit 8' HUP; echo ready; while :; do sleep 0.01; done";
    expect(await signalled("SIGHUP", script)).toEqual({ code: 0, stdout: "ready\nended 8" });
  });
});
