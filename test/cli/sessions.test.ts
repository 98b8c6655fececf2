import { afterEach, describe, expect, it, vi } from "vitest";
import { sessionsCommand } from "../../src/cli/sessions.js";
import { httpExchange, startRecorder, tempFolder } from "../session/support.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the command prints. */
async function run(...args: string[]): Promise<string> {
  let output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text: unknown, ...rest: unknown[]) => {
    output += String(text);
    for (const done of rest) if (typeof done === "function") done();
    return true;
  });
  await sessionsCommand().parseAsync(args, { from: "user" });
  vi.restoreAllMocks();
  return output;
}

async function recorded(home: string, name: string): Promise<string> {
  const recorder = await startRecorder({ home, name });
  recorder.finished(httpExchange({ error: { code: "timeout", message: "slow" } }));
  await recorder.close();
  return recorder.path;
}

describe("trafficctl sessions", () => {
  it("lists as a table and as JSON", async () => {
    const home = tempFolder();
    expect(await run("list", "--home", home)).toContain("trafficctl record");
    expect(JSON.parse(await run("list", "--json", "--home", home))).toEqual({ sessions: [] });
    const path = await recorded(home, "smoke");
    const [titles, line] = (await run("list", "--home", home)).split("\n");
    expect(titles?.split(/ {2,}/)).toEqual([
      "SESSION",
      "STATE",
      "STARTED",
      "LASTED",
      "EXCHANGES",
      "ERRORS",
      "SIZE",
      "NOTE",
    ]);
    expect(line).toMatch(/^smoke {4}stopped {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .* 1 {7}1 {2}\d+ B {2}$/);
    const { sessions } = JSON.parse(await run("list", "--json", "--home", home));
    expect(sessions).toMatchObject([
      { id: "smoke", name: "smoke", path, state: "stopped", counts: { exchanges: 1, errors: 1 } },
    ]);
  });

  it("shows, tells the path, recovers and deletes", async () => {
    const home = tempFolder();
    const path = await recorded(home, "smoke");
    expect(await run("path", "last", "--home", home)).toBe(`${path}\n`);
    expect(JSON.parse(await run("path", "smoke", "--json", "--home", home))).toEqual({ path });
    expect(await run("show", "smoke", "--home", home)).toMatch(/^session +smoke\npath +.*\nstate +stopped\n/);
    expect(JSON.parse(await run("show", "smoke", "--json", "--home", home))).toMatchObject({
      id: "smoke",
      manifest: { v: 1 },
    });
    expect(await run("recover", "smoke", "--home", home)).toContain("nothing to recover");
    expect(JSON.parse(await run("recover", "smoke", "--json", "--home", home))).toMatchObject({
      changed: false,
    });
    expect(await run("delete", "smoke", "--home", home)).toMatch(/^deleted smoke, /);
    await expect(run("show", "smoke", "--home", home)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
  });

  it("has examples in the help of each command", () => {
    const command = sessionsCommand();
    expect(command.commands.map((sub) => sub.name())).toEqual(["list", "show", "delete", "recover", "path"]);
    for (const sub of [command, ...command.commands]) {
      let help = "";
      sub.configureOutput({ writeOut: (text) => (help += text) });
      sub.outputHelp();
      expect(help).toMatch(/Examples?:\n {2}\$ /);
    }
  });
});
