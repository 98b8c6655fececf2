// Passes bytes both ways between two connections, with backpressure, half-closes and resets as they came.
import type { DetachedConnection, TunnelSocket } from "./ends.js";
import { cutIfStalled } from "./stall.js";

export interface RelayObserver {
  /** What the client sent, and what goes to it. */
  fromClient(chunk: Buffer): void;
  fromOrigin(chunk: Buffer): void;
  /** Absent: everything passes as it came. */
  readonly editor?: RelayEditor;
  /** Called after each chunk: when true, reading of that side stops until `onReady` calls back. */
  readonly behind: boolean;
  onReady(callback: () => void): void;
  /** Both sides are over. `error` says what broke, where something did. */
  closed(error: RelayError | undefined): void;
}

/** Says what is written to the other side in place of what came; nothing at times. */
interface RelayEditor {
  fromClient(chunk: Buffer): Buffer;
  fromOrigin(chunk: Buffer): Buffer;
}

export interface RelayError {
  readonly side: "client" | "origin";
  readonly message: string;
}

/** @returns a function that ends both connections. */
export function relay(
  client: DetachedConnection,
  origin: DetachedConnection,
  observer: RelayObserver,
): () => void {
  let open = 2;
  let failure: RelayError | undefined;

  const connect = (
    side: "client" | "origin",
    from: TunnelSocket,
    { socket: to, transport = to }: DetachedConnection,
  ): void => {
    // Not before what was observed is out of the way as well.
    const resume = (): void => {
      if (observer.behind) observer.onReady(resume);
      else from.resume();
    };
    from.on("data", (chunk: Buffer) => {
      const more = passOn(side, chunk, to, observer);
      if (more && !observer.behind) return;
      from.pause();
      if (more) resume();
    });
    to.on("drain", resume);
    // An end that was read before this began is not told again.
    const onEnd = (): void => {
      to.end();
      cutIfStalled(from);
    };
    if (from.readableEnded) onEnd();
    else from.on("end", onEnd);
    from.on("error", (error: NodeJS.ErrnoException) => {
      failure ??= { side, message: error.code ?? error.message };
    });
    const onClose = (): void => {
      // What `from` had sent is written out before `to` ends; a broken connection breaks the other as well, since
      // nothing here but a reset tells a cut stream from a whole one.
      if (failure === undefined) to.destroySoon();
      else {
        transport.resetAndDestroy();
        to.destroy();
      }
      open--;
      if (open === 0) observer.closed(failure);
    };
    // A connection that was over before this began tells it no more. Later, since the caller knows its end() only then.
    if (from.closed) setImmediate(onClose);
    else from.on("close", onClose);
  };

  if (client.rest.length > 0) passOn("client", client.rest, origin.socket, observer);
  if (origin.rest.length > 0) passOn("origin", origin.rest, client.socket, observer);
  connect("client", client.socket, origin);
  connect("origin", origin.socket, client);
  client.socket.resume();
  origin.socket.resume();
  return () => {
    client.socket.destroy();
    origin.socket.destroy();
  };
}

/** @returns false when `to` is slower: wait for its drain */
function passOn(
  side: "client" | "origin",
  chunk: Buffer,
  to: TunnelSocket,
  observer: RelayObserver,
): boolean {
  const { editor } = observer;
  if (side === "client") {
    if (editor !== undefined) {
      // What it answers by itself is recorded behind what it answers.
      observer.fromClient(chunk);
      return write(to, editor.fromClient(chunk));
    }
    const more = write(to, chunk);
    observer.fromClient(chunk);
    return more;
  }
  const passed = editor === undefined ? chunk : editor.fromOrigin(chunk);
  const more = write(to, passed);
  observer.fromOrigin(passed);
  return more;
}

function write(to: TunnelSocket, bytes: Buffer): boolean {
  return bytes.length === 0 ? !to.writableNeedDrain : to.write(bytes);
}
