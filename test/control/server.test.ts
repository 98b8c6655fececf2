// A control server and its clients over real sockets: answers, events, ends, and what hostile bytes do.
import { once } from "node:events";
import { chmod, mkdir, readdir, stat, symlink } from "node:fs/promises";
import net from "node:net";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { LineReader } from "../../src/control/line-reader.js";
import { ControlLink } from "../../src/control/link.js";
import { answer, method } from "../../src/control/method.js";
import { MAX_CONNECTIONS, MAX_LINE_BYTES } from "../../src/control/protocol.js";
import { TrafficError } from "../../src/errors.js";
import { VERSION } from "../../src/version.js";
import { run } from "../support/run.js";
import { echo, numbers, rawConnection, temporaryHome, testServer, wait } from "./support.js";

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe("a control server", () => {
  test("answers, and errors arrive as what they were", async () => {
    const refusing = answer(wait, () => {
      throw new TrafficError("FILTER_INVALID", "no", { hint: "try this" });
    });
    await using server = await testServer({ methods: [refusing, answer(echo, ({ text }) => ({ text }))] });
    using client = await server.connect();
    const texts = ["a", 'line\nbreak "quoted"', "ü€\u{1f600}", "x".repeat(3_000_000)];
    const answers = await Promise.all(texts.map((text) => client.call(echo, { text })));
    expect(answers.map(({ text }) => text)).toEqual(texts);
    await expect(client.call(wait, {})).rejects.toMatchObject({
      code: "FILTER_INVALID",
      message: "no",
      hint: "try this",
    });
    const unknown = method("no.such", { params: z.object({}), result: z.null() });
    await expect(client.call(unknown, {})).rejects.toMatchObject({ code: "USAGE" });
  });

  test("parses what it is asked with, and a client what it is answered", async () => {
    await using server = await testServer({ methods: [answer(echo, ({ text }) => ({ text }))] });
    using client = await server.connect();
    const loose = method("echo", { params: z.unknown(), result: z.unknown() });
    await expect(client.call(loose, { text: 5 })).rejects.toMatchObject({ code: "BAD_OPTION" });
    const other = method("echo", {
      params: z.object({ text: z.string() }),
      result: z.object({ n: z.number() }),
    });
    await expect(client.call(other, { text: "a" })).rejects.toMatchObject({ code: "IO_FAILED" });
  });

  test.skipIf(process.platform === "win32")("is there for its user alone", async () => {
    const home = await temporaryHome();
    await mkdir(join(home, "run"), { mode: 0o755 });
    await using server = await testServer({ home });
    const folder = join(home, "run");
    expect(await modeOf(folder)).toBe("700");
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    for (const name of names) expect(await modeOf(join(folder, name))).toBe("600");
    await server.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test.skipIf(process.platform === "win32")(
    "in a home whose path is too long for a socket: in a private folder elsewhere",
    async () => {
      const home = join(await temporaryHome(), "long".repeat(30));
      await using server = await testServer({ home });
      expect(server.path.startsWith(home)).toBe(false);
      expect(Buffer.byteLength(server.path)).toBeLessThan(104);
      expect(await modeOf(dirname(server.path))).toBe("700");
      expect(await modeOf(server.path)).toBe("600");
      using client = await server.connect();
      expect(await client.call(echo, { text: "far" })).toEqual({ text: "far" });
      await server.close();
      await expect(stat(dirname(server.path))).rejects.toMatchObject({ code: "ENOENT" });
      expect(await readdir(join(home, "run"))).toEqual([]);
    },
  );

  test.skipIf(process.platform === "win32")("does not use a folder that is a link", async () => {
    const [home, elsewhere] = [await temporaryHome(), await temporaryHome()];
    await symlink(elsewhere, join(home, "run"));
    await chmod(elsewhere, 0o755);
    await using server = await testServer({ home });
    expect(dirname(server.path)).not.toBe(join(home, "run"));
    expect(await modeOf(elsewhere)).toBe("755");
  });

  test("gives up what a client asked that leaves, cancels or waits too long", async () => {
    for (const leave of ["close", "abort", "time"]) {
      await using server = await testServer();
      using client = await server.connect();
      const controller = new AbortController();
      const options = leave === "time" ? { timeoutMs: 1 } : { signal: controller.signal };
      const asked = client.call(wait, {}, options).catch((error: unknown) => error);
      await server.begun;
      if (leave === "close") client[Symbol.dispose]();
      if (leave === "abort") controller.abort(new Error("enough"));
      await server.givenUp;
      if (leave === "abort") expect(await asked).toMatchObject({ message: "enough" });
      if (leave === "time") expect(await asked).toMatchObject({ code: "IO_FAILED" });
    }
  });

  test("that ends says so to whoever waits, and is not found again", async () => {
    await using server = await testServer();
    using client = await server.connect();
    const asked = client.call(wait, {});
    await server.begun;
    await server.close();
    // It gets the answer of a method that ends with the server.
    expect(await asked).toEqual({});
    await expect(client.call(echo, { text: "a" })).rejects.toMatchObject({ code: "NOT_RUNNING" });
    await expect(server.connect()).rejects.toMatchObject({ code: "NOT_RUNNING" });
  });

  test("keeps no process alive, nor do those who are connected to it", async () => {
    const home = await temporaryHome();
    const module = JSON.stringify(resolve(import.meta.dirname, "../../dist/src/control/server.js"));
    const about = {
      session: "a",
      sessionPath: "a",
      pid: 1,
      start: null,
      version: "",
      url: "",
      startedAt: "",
    };
    const script = `
      const { createControlServer } = await import(${module});
      const options = ${JSON.stringify({ home, about })};
      const server = await createControlServer({ ...options, loadMethods: async () => [] });
      console.log(server.path);
      require("net").connect(server.path).unref().on("data", () => console.log("connected"));
      await new Promise((resolve) => setTimeout(resolve, 100));`;
    const wrapped = `(async () => {${script}})()`;
    const { code, stdout } = await run(process.execPath, ["-e", wrapped]);
    expect(code).toBe(0);
    expect(stdout).toContain("connected");
  });

  test("ends although a client does not read", async () => {
    await using server = await testServer();
    using raw = await rawConnection(server.path);
    raw.socket.pause();
    const params = { count: 2_000, size: 1_000 };
    raw.socket.write(`${JSON.stringify({ id: 1, method: "numbers", params })}\n`);
    using client = await server.connect();
    expect(await client.call(echo, { text: "a" })).toEqual({ text: "a" });
    await server.close();
  });
});

describe("a subscription", () => {
  test("gives each event in order, and then ends", async () => {
    await using server = await testServer();
    using client = await server.connect();
    const seen: number[] = [];
    for await (const { number } of client.watch(numbers, { count: 2_500, size: 10 })) seen.push(number);
    expect(seen).toEqual(Array.from({ length: 2_500 }, (_, index) => index));
  });

  test("counts what a slow reader misses", async () => {
    await using server = await testServer();
    using client = await server.connect();
    let [seen, lost] = [0, 0];
    const options = { onLost: (count: number) => (lost += count) };
    for await (const _ of client.watch(numbers, { count: 50_000, size: 1_000 }, options)) seen++;
    expect(lost).toBeGreaterThan(0);
    expect(seen + lost).toBe(50_000);
  });

  test("ends with the signal, with the loop, and with the server", async () => {
    const forever = answer(numbers, async (_, { emit, signal }) => {
      emit({ number: 1, filler: "" });
      await once(signal, "abort");
      return null;
    });
    await using server = await testServer({ methods: [forever] });
    using client = await server.connect();
    const controller = new AbortController();
    const watching = { count: 0, size: 0 };
    for await (const _ of client.watch(numbers, watching, { signal: controller.signal })) controller.abort();
    for await (const _ of client.watch(numbers, watching)) break;
    let closing: Promise<void> | undefined;
    for await (const _ of client.watch(numbers, watching)) closing = server.close();
    await closing;
  });
});

describe("hostile bytes", () => {
  test.each([
    ["no JSON", "hello\n"],
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a TLS handshake", Buffer.from("16030100050100000100000a", "hex").toString("latin1")],
    ["JSON that is no message", "[]\n"],
    ["null", "null\n"],
    ["no method", '{"id":1}\n'],
    ["the id of no request", '{"id":0,"method":"echo"}\n'],
    ["a fraction as id", '{"id":1.5,"method":"echo"}\n'],
    ["a cancellation of nothing", '{"cancel":"1"}\n'],
    ["nesting without end", `${"[".repeat(1_000_000)}\n`],
    ["an id twice", '{"id":1,"method":"wait"}\n{"id":1,"method":"wait"}\n'],
  ])("%s: refused, and the connection ends", async (_, bytes) => {
    await using server = await testServer();
    using raw = await rawConnection(server.path);
    using other = await server.connect();
    expect(await raw.next()).toEqual({ control: 1, version: VERSION });
    raw.socket.write(bytes);
    expect(await raw.next()).toMatchObject({ id: 0, error: { code: "BAD_OPTION" } });
    expect(await raw.next()).toBeUndefined();
    expect(await other.call(echo, { text: "still here" })).toEqual({ text: "still here" });
  });

  test("a line without end is cut off at its limit", async () => {
    await using server = await testServer();
    using raw = await rawConnection(server.path);
    await raw.next();
    raw.socket.write(Buffer.alloc(MAX_LINE_BYTES + 1, "a"));
    expect(await raw.next()).toMatchObject({ id: 0, error: { code: "BAD_OPTION" } });
    expect(await raw.next()).toBeUndefined();
  });

  test("names of objects' own are no methods, and cancelling what is not there does nothing", async () => {
    await using server = await testServer();
    using raw = await rawConnection(server.path);
    await raw.next();
    raw.socket.write(
      '{"cancel":7}\n{"id":1,"method":"__proto__"}\n{"id":2,"method":"constructor","params":null}\n',
    );
    expect(await raw.next()).toMatchObject({ id: 1, error: { code: "USAGE" } });
    expect(await raw.next()).toMatchObject({ id: 2, error: { code: "USAGE" } });
  });

  test("too many connections: those that are there go on", async () => {
    await using server = await testServer();
    using client = await server.connect();
    const sockets = Array.from({ length: MAX_CONNECTIONS + 10 }, () => net.connect(server.path));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    expect(await client.call(echo, { text: "a" })).toEqual({ text: "a" });
    for (const socket of sockets) socket.destroy();
  });

  test("too many connections: who comes then waits for one to end", async () => {
    await using server = await testServer();
    const sockets = Array.from({ length: MAX_CONNECTIONS }, () => net.connect(server.path));
    await Promise.all(sockets.map((socket) => once(socket, "data")));
    const turnedAway = net.connect(server.path);
    await once(turnedAway, "close");
    const waiting = Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        using client = await server.connect();
        return (await client.call(echo, { text: String(index) })).text;
      }),
    );
    for (const socket of sockets) socket.destroy();
    expect(await waiting).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
  });

  test("who is turned away for good is told so, and not that the proxy has ended", async () => {
    const path = join(await temporaryHome(), "control.sock");
    const server = net.createServer((socket) => socket.destroy()).listen(path);
    await once(server, "listening");
    const proxy = { session: "s", sessionPath: "", pid: 1, start: null, version: "", url: "", startedAt: "" };
    await expect(ControlLink.open({ ...proxy, socket: path }, 100)).rejects.toMatchObject({
      code: "IO_FAILED",
      message: "the proxy of session 's' takes no more connections",
    });
    server.close();
    await expect(ControlLink.open({ ...proxy, socket: path }, 100)).rejects.toMatchObject({
      code: "NOT_RUNNING",
    });
  });

  test("a request that is too long is not sent, and the connection goes on", async () => {
    await using server = await testServer();
    using client = await server.connect();
    await expect(client.call(echo, { text: "x".repeat(MAX_LINE_BYTES) })).rejects.toMatchObject({
      code: "BAD_OPTION",
      message: expect.stringMatching(
        /^that is more than a proxy takes at once: 167772\d\d bytes of 16777216$/,
      ),
    });
    expect(await client.call(echo, { text: "a" })).toEqual({ text: "a" });
  });

  test("anything at all: the server goes on", async () => {
    await using server = await testServer();
    using client = await server.connect();
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(`${text}\n`)),
      fc
        .record({
          id: fc.integer(),
          method: fc.constantFrom("echo", "wait", "numbers"),
          params: fc.jsonValue(),
        })
        .map((value) => Buffer.from(`${JSON.stringify(value)}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 5 }), async (messages) => {
        using raw = await rawConnection(server.path);
        for (const bytes of messages) raw.socket.write(bytes);
        expect(await client.call(echo, { text: "here" })).toEqual({ text: "here" });
      }),
      { numRuns: 100 },
    );
  });
});

test("lines are the same however their bytes arrive", () => {
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 10 });
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 20 })), cuts, (texts, places) => {
      const lines = texts.map((text) => Buffer.from(text.replaceAll("\n", " ")).toString());
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const seen: string[] = [];
      const reader = new LineReader(
        1_000,
        (line) => seen.push(line),
        () => seen.push("too long"),
      );
      let start = 0;
      for (const end of [...places.sort((a, b) => a - b), bytes.length]) {
        reader.write(bytes.subarray(start, end));
        start = Math.min(end, bytes.length);
      }
      expect(seen).toEqual(lines);
    }),
  );
});
