// A control server in this process with methods made for tests, and raw connections to it.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { connectControl } from "../../src/control/client.js";
import { answer, method, subscription } from "../../src/control/method.js";
import { type BoundMethod, type ControlServer, createControlServer } from "../../src/control/server.js";
import { isAlive, ownIdentity } from "../../src/session/process-identity.js";
import { VERSION } from "../../src/version.js";

export const echo = method("echo", {
  params: z.object({ text: z.string() }),
  result: z.object({ text: z.string() }),
});
export const wait = method("wait", { params: z.object({}), result: z.object({}) });
export const numbers = subscription("numbers", {
  params: z.object({ count: z.number(), size: z.number() }),
  event: z.object({ number: z.number(), filler: z.string() }),
});

export interface TestServer extends ControlServer {
  readonly home: string;
  /** Resolves when a `wait` has begun. */
  readonly begun: Promise<void>;
  /** Resolves when it has been given up. */
  readonly givenUp: Promise<void>;
  connect(reference?: string): ReturnType<typeof connectControl>;
}

/** Goes with the test. */
export async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "trafficctl-control-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

export async function testServer(
  options: { home?: string; session?: string; methods?: readonly BoundMethod[] } = {},
): Promise<TestServer & AsyncDisposable> {
  const home = options.home ?? (await temporaryHome());
  let tellBegun = (): void => {};
  let tellGivenUp = (): void => {};
  const begun = new Promise<void>((resolve) => {
    tellBegun = resolve;
  });
  const givenUp = new Promise<void>((resolve) => {
    tellGivenUp = resolve;
  });
  const methods: readonly BoundMethod[] = options.methods ?? [
    answer(echo, ({ text }) => ({ text })),
    answer(wait, async (_, { signal }) => {
      tellBegun();
      await once(signal, "abort");
      tellGivenUp();
      return {};
    }),
    answer(numbers, ({ count, size }, { emit }) => {
      for (let number = 0; number < count; number++) emit({ number, filler: "x".repeat(size) });
      return null;
    }),
  ];
  const server = await createControlServer({
    home,
    about: {
      session: options.session ?? "test",
      sessionPath: join(home, "sessions", options.session ?? "test"),
      ...(await ownIdentity()),
      version: VERSION,
      url: "http://127.0.0.1:1",
      startedAt: new Date().toISOString(),
    },
    loadMethods: async () => methods,
  });
  return {
    ...server,
    home,
    begun,
    givenUp,
    connect: (reference) => connectControl({ home, isAlive }, reference),
    [Symbol.asyncDispose]: async () => {
      await server.close();
    },
  };
}

/** A connection that says what it likes. */
export async function rawConnection(path: string) {
  const socket = net.connect(path);
  await once(socket, "connect");
  socket.on("error", () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return {
    socket,
    /** The next line, parsed; undefined when it has ended. */
    next: async (): Promise<unknown> => {
      const { value, done } = await lines.next();
      return done ? undefined : JSON.parse(value);
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
