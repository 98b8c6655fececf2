// Passes bytes both ways between two connections, with backpressure, half-closes and resets as they came.
import type { Socket } from "node:net";
import type { DetachedConnection } from "./ends.js";
import { cutIfStalled } from "./stall.js";

export interface RelayObserver {
  fromClient(chunk: Buffer): void;
  fromOrigin(chunk: Buffer): void;
  /** Called after each chunk: when true, reading of that side stops until `onReady` calls back. */
  readonly behind: boolean;
  onReady(callback: () => void): void;
  /** Both sides are over. `error` says what broke, where something did. */
  closed(error: RelayError | undefined): void;
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
    from: Socket,
    { socket: to, transport = to }: DetachedConnection,
  ): void => {
    const observe =
      side === "client"
        ? (chunk: Buffer) => observer.fromClient(chunk)
        : (chunk: Buffer) => observer.fromOrigin(chunk);
    from.on("data", (chunk: Buffer) => {
      const more = to.write(chunk);
      observe(chunk);
      if (!more) from.pause();
      else if (observer.behind) {
        from.pause();
        observer.onReady(() => from.resume());
      }
    });
    to.on("drain", () => from.resume());
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

  forwardRest(client, origin.socket, (chunk) => observer.fromClient(chunk));
  forwardRest(origin, client.socket, (chunk) => observer.fromOrigin(chunk));
  connect("client", client.socket, origin);
  connect("origin", origin.socket, client);
  client.socket.resume();
  origin.socket.resume();
  return () => {
    client.socket.destroy();
    origin.socket.destroy();
  };
}

function forwardRest(from: DetachedConnection, to: Socket, observe: (chunk: Buffer) => void): void {
  if (from.rest.length === 0) return;
  to.write(from.rest);
  observe(from.rest);
}
