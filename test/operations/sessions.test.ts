import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveHome } from "../../src/operations/home.js";
import {
  deleteSession,
  listSessions,
  recoverSession,
  sessionPath,
  showSession,
} from "../../src/operations/sessions.js";
import { readManifest } from "../../src/session/manifest-schema.js";
import {
  httpExchange,
  newId,
  readAll,
  readFinished,
  recordBody,
  startRecorder,
  tempFolder,
} from "../session/support.js";

/** A stopped session with some exchanges. */
async function recorded(home: string, name: string, count = 1): Promise<string> {
  const recorder = await startRecorder({ home, name });
  for (let i = 0; i < count; i++) recorder.finished(httpExchange({ seq: recorder.nextSeq() }));
  await recorder.close();
  return recorder.path;
}

/** As a recorder that was killed leaves it: a manifest of a process that is gone. */
async function crashed(home: string, name: string, count = 1): Promise<string> {
  const path = await recorded(home, name, count);
  await editManifest(path, { endedAt: null, process: { pid: 2 ** 22 + 1, start: "gone" } });
  return path;
}

async function editManifest(path: string, change: object): Promise<void> {
  const file = join(path, "manifest.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...change }));
}

/** Everything in a folder, to see that nothing was written. */
function contents(folder: string): unknown {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), "latin1")]);
}

describe("listSessions", () => {
  it("is empty for a home that is not there", async () => {
    expect(await listSessions({ home: join(tempFolder(), "none") })).toEqual([]);
  });

  it("tells the states apart, the oldest first, and writes nothing", async () => {
    const home = tempFolder();
    await recorded(home, "b-first", 2);
    await appendFile(join(await crashed(home, "a-second", 3), "exchanges.jsonl"), '{"v":1,"ty');
    const recorder = await startRecorder({ home, name: "0-third" });
    const before = contents(home);
    const listed = await listSessions({ home });
    expect(
      listed.map(({ id, state, counts, tornBytes }) => [id, state, counts.exchanges, tornBytes]),
    ).toEqual([
      ["b-first", "stopped", 2, 0],
      ["a-second", "crashed", 3, 10],
      ["0-third", "recording", 0, 0],
    ]);
    expect(contents(home)).toEqual(before);
    await recorder.close();
  });

  it("takes a reused pid for no recorder", async () => {
    const home = tempFolder();
    const path = await recorded(home, "old");
    await editManifest(path, { endedAt: null, process: { pid: process.pid, start: "another boot:1" } });
    expect(await listSessions({ home })).toMatchObject([
      { id: "old", state: process.platform === "linux" ? "crashed" : "recording" },
    ]);
  });

  it("survives sessions that are damaged, links and strangers", async () => {
    const home = tempFolder();
    await writeFile(join(await recorded(home, "damaged"), "manifest.json"), "{");
    await editManifest(await recorded(home, "newer"), { v: 9 });
    mkdirSync(join(home, "sessions", "starting"));
    mkdirSync(join(home, "sessions", ".hidden"));
    await writeFile(join(home, "sessions", "file"), "");
    await symlink(tempFolder(), join(home, "sessions", "link"));
    const listed = await listSessions({ home });
    expect(
      listed.map(({ id, state, problem }) => [id, state, problem?.replace(/^.*manifest\.json /, "")]).sort(),
    ).toEqual([
      ["damaged", "crashed", "is not JSON"],
      ["newer", "crashed", "is of session format 9; this trafficctl reads up to 1"],
      ["starting", "recording", "it has no manifest"],
    ]);
  });
});

describe("naming a session", () => {
  it("finds it by name, beginning, last and path", async () => {
    const home = tempFolder();
    const old = await recorded(home, "smoke");
    const longer = await recorded(home, "smoke-2");
    const newest = await recorded(home, "another");
    const find = (session: string): Promise<string> => sessionPath({ home, session });
    expect(await find("smoke")).toBe(old);
    expect(await find("smoke-")).toBe(longer);
    expect(await find("an")).toBe(newest);
    expect(await find("last")).toBe(newest);
    expect(await find(old)).toBe(old);
    expect(await find(`${old}/../another/`)).toBe(newest);
    await expect(find("smo")).rejects.toMatchObject({
      code: "SESSION_AMBIGUOUS",
      hint: expect.stringContaining("smoke, smoke-2"),
    });
    await expect(find("smokr")).rejects.toMatchObject({
      code: "SESSION_NOT_FOUND",
      hint: "did you mean smoke or smoke-2?",
    });
    await expect(find("")).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
    await expect(find(`${home}/nowhere`)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
    await expect(find(home)).rejects.toMatchObject({
      code: "SESSION_NOT_FOUND",
      message: expect.stringContaining("not a session"),
    });
    await expect(sessionPath({ home: tempFolder(), session: "last" })).rejects.toMatchObject({
      code: "SESSION_NOT_FOUND",
      hint: expect.stringContaining("trafficctl record"),
    });
  });
});

describe("showSession", () => {
  it("counts every file", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home, name: "shown" });
    const id = newId();
    recorder.finished(httpExchange({ id, body: recordBody(recorder, id, [Buffer.alloc(50_000)]) }));
    await recorder.close();
    const size = async (name: string): Promise<number> => (await stat(join(recorder.path, name))).size;
    const shown = await showSession({ home, session: "shown" });
    expect(shown).toMatchObject({ id: "shown", state: "stopped", manifest: { version: "0.0.0" } });
    expect(shown.diskBytes).toBe(50_000 + (await size("manifest.json")) + (await size("exchanges.jsonl")));
    expect(shown.counts.bytes).toBe(50_000 + (await size("exchanges.jsonl")));
  });
});

describe("deleteSession", () => {
  it("removes the session and nothing else", async () => {
    const home = tempFolder();
    const path = await recorded(home, "gone");
    await recorded(home, "stays");
    const outside = tempFolder();
    await writeFile(join(outside, "precious"), "x");
    await symlink(outside, join(path, "bodies"));
    expect(await deleteSession({ home, session: "gone" })).toMatchObject({ id: "gone", left: [] });
    expect(readdirSync(join(home, "sessions"))).toEqual(["stays"]);
    expect(readdirSync(outside)).toEqual(["precious"]);
  });

  it("leaves what is not part of it, and says so", async () => {
    const home = tempFolder();
    const path = await recorded(home, "annotated");
    await writeFile(join(path, "notes.txt"), "mine");
    await mkdir(join(path, "bodies"));
    await writeFile(join(path, "bodies", "x"), "");
    expect(await deleteSession({ home, session: "annotated" })).toMatchObject({ left: ["notes.txt"] });
    expect(readdirSync(path)).toEqual(["notes.txt"]);
  });

  it("refuses while it is recorded, unless forced; the recorder survives that", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home, name: "busy" });
    recorder.finished(httpExchange());
    await expect(deleteSession({ home, session: "busy" })).rejects.toMatchObject({
      code: "SESSION_BUSY",
      hint: expect.stringContaining("--force"),
    });
    await deleteSession({ home, session: "busy", force: true });
    expect(readdirSync(join(home, "sessions"))).toEqual([]);
    const id = newId();
    recorder.finished(httpExchange({ id, body: recordBody(recorder, id, [Buffer.alloc(50_000)]) }));
    expect((await recorder.close()).stop?.reason).toBe("io-error");
    expect(readdirSync(join(home, "sessions"))).toEqual([]);
  });
});

describe("recoverSession", () => {
  it("cuts the torn line, counts again, keeps orphans, and is done once", async () => {
    const home = tempFolder();
    const path = await crashed(home, "torn", 3);
    await appendFile(join(path, "exchanges.jsonl"), '{"v":1,"type":"exch');
    await mkdir(join(path, "bodies"));
    const orphan = `bodies/${newId()}.response`;
    await writeFile(join(path, orphan), "partial");
    await writeFile(join(path, "exchanges.jsonl.tmp"), "half a trim");
    const { mtime } = await stat(join(path, "exchanges.jsonl"));
    const recovered = await recoverSession({ home, session: "torn" });
    expect(recovered).toMatchObject({
      changed: true,
      tornBytes: 19,
      completed: 0,
      orphans: [orphan],
      damaged: 0,
    });
    expect(await readManifest(path)).toMatchObject({
      endedAt: mtime.toISOString(),
      counts: { exchanges: 3 },
      recovered: { tornBytes: 19, completed: 0, orphans: [orphan] },
    });
    expect(readdirSync(path).sort()).toEqual(["bodies", "exchanges.jsonl", "manifest.json"]);
    expect(await readFinished(path)).toHaveLength(3);
    const after = contents(path);
    expect(await recoverSession({ home, session: "torn" })).toMatchObject({ changed: false });
    expect(contents(path)).toEqual(after);
  });

  it("keeps a last line that is whole but for its newline, and damaged lines", async () => {
    const home = tempFolder();
    const path = await crashed(home, "whole", 1);
    const more = JSON.stringify({ v: 1, type: "exchange", ...httpExchange({ seq: 2 }) });
    await appendFile(join(path, "exchanges.jsonl"), `damage\n${more}`);
    expect(await recoverSession({ home, session: "whole" })).toMatchObject({
      tornBytes: 0,
      damaged: 1,
      damagedLines: [2],
    });
    const log = await readFile(join(path, "exchanges.jsonl"), "utf8");
    expect(log.endsWith(`damage\n${more}\n`)).toBe(true);
    expect(await readManifest(path)).toMatchObject({ counts: { exchanges: 2 } });
  });

  it("ends exchanges that were under way", async () => {
    const home = tempFolder();
    const path = await crashed(home, "open", 0);
    const [stream, quiet] = [httpExchange({ seq: 1 }), httpExchange({ seq: 2 })];
    for (const exchange of [stream, quiet]) {
      await appendFile(
        join(path, "exchanges.jsonl"),
        `${JSON.stringify({ v: 1, type: "open", ...exchange })}\n`,
      );
    }
    await mkdir(join(path, "bodies"));
    const body = join(path, "bodies", `${stream.id}.response`);
    await writeFile(body, "data: 1\n\n");
    const end = new Date(Date.parse(stream.startedAt) + 5000);
    await utimes(body, end, end);
    expect(await recoverSession({ home, session: "open" })).toMatchObject({ completed: 2, orphans: [] });
    const read = await readAll(path);
    expect(read).toMatchObject([
      {
        open: false,
        exchange: {
          seq: 1,
          duration: 5000,
          error: { code: "recorder-died" },
          response: { body: { kind: "file", size: 9, stored: 9, truncated: "recorder-died" } },
        },
      },
      {
        open: false,
        exchange: {
          seq: 2,
          duration: 12.5,
          response: { body: { kind: "empty", truncated: "recorder-died" } },
        },
      },
    ]);
    expect(await readManifest(path)).toMatchObject({ counts: { exchanges: 2, errors: 2 } });
  });

  it("makes a manifest where there is none or it is damaged", async () => {
    const home = tempFolder();
    const path = await recorded(home, "bare", 2);
    await rm(join(path, "manifest.json"));
    await expect(recoverSession({ home, session: "bare" })).rejects.toMatchObject({ code: "SESSION_BUSY" });
    const old = new Date(Date.now() - 60_000);
    await utimes(path, old, old);
    expect(await recoverSession({ home, session: "bare" })).toMatchObject({ changed: true });
    expect(await readManifest(path)).toMatchObject({
      id: "bare",
      createdAt: httpExchange().startedAt,
      counts: { exchanges: 2 },
    });
    await writeFile(join(path, "manifest.json"), "garbage");
    expect(await recoverSession({ home, session: "bare" })).toMatchObject({ changed: true });
    expect(await listSessions({ home })).toMatchObject([
      { id: "bare", state: "stopped", counts: { exchanges: 2 } },
    ]);
  });

  it("touches nothing of a newer version, or that is being recorded", async () => {
    const home = tempFolder();
    const newer = await crashed(home, "newer");
    await editManifest(newer, { v: 2 });
    const before = contents(newer);
    await expect(recoverSession({ home, session: "newer" })).rejects.toMatchObject({
      code: "SESSION_DAMAGED",
      hint: "use a newer trafficctl",
    });
    expect(contents(newer)).toEqual(before);
    const recorder = await startRecorder({ home, name: "live" });
    await expect(recoverSession({ home, session: "live" })).rejects.toMatchObject({ code: "SESSION_BUSY" });
    await recorder.close();
  });

  it("runs once at a time, and goes past the lock of one that died", async () => {
    const home = tempFolder();
    const path = await crashed(home, "locked");
    await writeFile(join(path, "recover.lock"), JSON.stringify({ pid: 2 ** 22 + 1, start: "gone" }));
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => recoverSession({ home, session: "locked" })),
    );
    expect(results.some((result) => result.status === "fulfilled" && result.value.changed)).toBe(true);
    expect(await readFinished(path)).toHaveLength(1);
    expect(readdirSync(path).sort()).toEqual(["exchanges.jsonl", "manifest.json"]);
  });

  it("works on a session that was moved", async () => {
    const home = tempFolder();
    const moved = join(tempFolder(), "elsewhere");
    await rename(await crashed(home, "moved"), moved);
    expect(await recoverSession({ home, session: moved })).toMatchObject({ changed: true, path: moved });
  });
});

describe("resolveHome", () => {
  const on = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv, flag?: string): string =>
    resolveHome({ flag, env, platform, userHome: "/home/me" });

  it.each([
    [on("linux", {}), "/home/me/.local/share/trafficctl"],
    [on("linux", { XDG_DATA_HOME: "/data" }), "/data/trafficctl"],
    [on("linux", { XDG_DATA_HOME: "relative" }), "/home/me/.local/share/trafficctl"],
    [on("darwin", { XDG_DATA_HOME: "/data" }), "/home/me/Library/Application Support/trafficctl"],
    [on("win32", { LOCALAPPDATA: "/local" }), "/local/trafficctl"],
    [on("linux", { TRAFFICCTL_HOME: "/chosen" }), "/chosen"],
    [on("linux", { TRAFFICCTL_HOME: "" }), "/home/me/.local/share/trafficctl"],
    [on("linux", { TRAFFICCTL_HOME: "/chosen" }, "/flag"), "/flag"],
    [on("linux", {}, "relative"), join(process.cwd(), "relative")],
  ])("%s", (actual, expected) => {
    expect(actual).toBe(expected);
  });
});
