// The control server of a recording: listens on a socket that only this user can reach, and says where. It keeps no
// process alive. What it answers, and zod with it, is loaded when it is first asked.
import { chmod } from "node:fs/promises";
import net from "node:net";
import { VERSION } from "../version.js";
import { ControlConnection } from "./connection.js";
import { MAX_CONNECTIONS } from "./protocol.js";
import { type EntryFacts, privateRunFolder, writeEntry } from "./run-folder.js";
import { socketPlaces } from "./socket-place.js";

export interface RequestContext {
  /** Aborted when the client has left or has enough, and when the server closes. */
  readonly signal: AbortSignal;
  emit(event: unknown): void;
}

/** A method as the server calls it (control/method `answer`). */
export interface BoundMethod {
  readonly name: string;
  run(params: unknown, context: RequestContext): Promise<unknown>;
}

export interface ControlServerOptions {
  readonly home: string;
  /** What tells others about this proxy. */
  readonly about: EntryFacts;
  /** Called once, for the first request. */
  readonly loadMethods: () => Promise<readonly BoundMethod[]>;
}

export interface ControlServer {
  /** The path of its socket. */
  readonly path: string;
  /** Nobody finds it from here on; connections stay. */
  withdraw(): Promise<void>;
  /** Ends connections and what is asked on them, once they have taken the answers given so far. Idempotent. */
  close(): Promise<void>;
}

/** How long a client may take to read the last answers. */
const FLUSH_LIMIT_MS = 1_000;

/** @throws system errors: no folder that could hold a socket, or a file that could not be written. */
export async function createControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const connections = new Set<ControlConnection>();
  let loading: Promise<ReadonlyMap<string, BoundMethod>> | undefined;
  const methods = (): Promise<ReadonlyMap<string, BoundMethod>> => {
    loading ??= options
      .loadMethods()
      .then((list) => new Map(list.map((method): [string, BoundMethod] => [method.name, method])));
    return loading;
  };
  const server = net.createServer((socket) => {
    socket.unref();
    const connection = new ControlConnection(socket, {
      version: VERSION,
      methods,
      onClose: () => connections.delete(connection),
    });
    connections.add(connection);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.unref();
  const folder = await privateRunFolder(options.home);
  const place = await listen(server, folder);
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  const entry = await writeEntry(folder, { ...options.about, socket: place.path }).catch(async (error) => {
    server.close();
    await place.remove();
    throw error;
  });

  let withdrawing: Promise<void> | undefined;
  const withdraw = async (): Promise<void> => {
    server.close();
    await entry.remove();
    await place.remove();
  };
  const withdrawOnce = (): Promise<void> => {
    withdrawing ??= withdraw();
    return withdrawing;
  };
  return {
    path: place.path,
    withdraw: withdrawOnce,
    close: async () => {
      await withdrawOnce();
      await Promise.all([...connections].map((connection) => connection.end(FLUSH_LIMIT_MS)));
      await closed;
    },
  };
}

async function listen(
  server: net.Server,
  { path, name, isPrivate }: Awaited<ReturnType<typeof privateRunFolder>>,
): Promise<{ path: string; remove(): Promise<void> }> {
  let failure: unknown = new Error("no folder has a path that is short enough for a socket");
  for await (const place of socketPlaces(isPrivate ? path : undefined, name)) {
    try {
      await listening(server, place.path);
      server.on("error", () => {});
      if (process.platform !== "win32") await chmod(place.path, 0o600);
      return place;
    } catch (error) {
      failure = error;
      await place.remove();
    }
  }
  throw failure;
}

function listening(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
