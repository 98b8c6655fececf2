import { existsSync, readdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bodyBytes } from "../../src/session/body-reader.js";
import { sessionInfo } from "../../src/session/catalog.js";
import { createReadReport } from "../../src/session/reader.js";
import { recoverSessionFolder } from "../../src/session/recovery.js";
import { compileRecorder, logText, readAll, readFinished, startProcess, tempFolder } from "./support.js";

let modules: string;
beforeAll(() => {
  modules = compileRecorder();
});

const exit = (child: import("node:child_process").ChildProcess): Promise<void> =>
  new Promise((resolve) => child.once("exit", () => resolve()));

describe("kill -9 under load", () => {
  // With few exchanges it is the delay of a batch that counts, with many its size.
  it.each([
    [1, 100],
    [50, 3000],
  ])(
    "leaves every exchange that was over 100 ms before; recovery completes the rest (%i at a time)",
    async (batch, enough) => {
      const { child, lines } = startProcess(modules, "load", tempFolder(), "killed", String(batch));
      const [, folder, events, socket] = String((await lines.next()).value).split(" ");
      if (folder === undefined) throw new Error("no folder");
      const safe: string[] = [];
      for await (const line of lines) {
        const [word, ...ids] = line.split(" ");
        if (word === "safe") safe.push(...ids);
        if (safe.length >= enough) break;
      }
      const gone = exit(child);
      child.kill("SIGKILL");
      await gone;

      expect(await sessionInfo(folder)).toMatchObject({ state: "crashed", endedAt: null });
      const report = createReadReport();
      const before = await readAll(folder, report);
      const ids = new Set(
        before.flatMap((item) => (item.type === "exchange" && !item.open ? [item.exchange.id] : [])),
      );
      expect(safe.filter((id) => !ids.has(id as never))).toEqual([]);
      expect(report.damaged).toBe(0);
      expect(before.filter((item) => item.type === "exchange" && item.open)).toHaveLength(2);
      for (const item of before) {
        // A line never refers to bytes that are not there.
        if (item.type === "exchange" && item.exchange.kind === "http")
          await bodyBytes(folder, item.exchange.response!.body);
      }

      await appendFile(join(folder, "exchanges.jsonl"), '{"v":1,"type":"exchange","id":"torn');
      const torn = report.tornBytes + 35;
      const recovery = await recoverSessionFolder(folder, "0.0.0");
      expect(recovery).toMatchObject({ changed: true, tornBytes: torn, completed: 2, damaged: 0 });
      const after = await readFinished(folder);
      expect(after).toHaveLength(ids.size + 2);
      const stream = after.find(({ id }) => id === events);
      const body = stream?.kind === "http" ? stream.response!.body : undefined;
      expect(body).toMatchObject({ kind: "file", size: 18, stored: 18, truncated: "recorder-died" });
      expect((await bodyBytes(folder, body!)).toString()).toBe("data: 1\n\ndata: 2\n\n");
      expect(after.find(({ id }) => id === socket)).toMatchObject({
        kind: "websocket",
        messageCount: 3,
        error: { code: "recorder-died" },
      });
      expect(await sessionInfo(folder)).toMatchObject({ state: "stopped", counts: recovery.manifest.counts });
      expect(recovery.manifest.counts).toMatchObject({ exchanges: after.length, messages: 3, errors: 2 });

      const text = await logText(folder);
      expect(await recoverSessionFolder(folder, "0.0.0")).toMatchObject({
        changed: false,
        tornBytes: 0,
        completed: 0,
      });
      expect(await logText(folder)).toBe(text);
    },
  );
});

describe("several processes", () => {
  it("that race for one name: one gets it", async () => {
    const home = tempFolder();
    const started = Array.from({ length: 4 }, () => startProcess(modules, "claim", home, "contested"));
    const said = await Promise.all(started.map(async ({ lines }) => String((await lines.next()).value)));
    expect(said.sort()).toEqual(["claimed contested", ...Array(3).fill("failed SESSION_EXISTS")]);
  });

  it("that race without a name: each gets a session of its own", async () => {
    const home = tempFolder();
    const started = Array.from({ length: 4 }, () => startProcess(modules, "claim", home));
    const said = await Promise.all(started.map(async ({ lines }) => String((await lines.next()).value)));
    expect(new Set(said).size).toBe(4);
    expect(readdirSync(join(home, "sessions"))).toHaveLength(4);
  });

  it("see one that records as recording, and can't recover it", async () => {
    const { child, lines } = startProcess(modules, "hold", tempFolder(), "held");
    const folder = String((await lines.next()).value).split(" ")[1]!;
    expect(await sessionInfo(folder)).toMatchObject({ state: "recording" });
    await expect(recoverSessionFolder(folder, "0.0.0")).rejects.toMatchObject({ code: "SESSION_BUSY" });
    const gone = exit(child);
    child.kill("SIGKILL");
    await gone;
    expect(await sessionInfo(folder)).toMatchObject({ state: "crashed" });
    expect(existsSync(folder)).toBe(true);
  });
});
