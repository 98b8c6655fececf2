// A writer that counts what its socket has taken: what the kernel has, not what waits in the process.
import type { Socket } from "node:net";

export interface Pump {
  /** Bytes that the socket has taken. */
  readonly taken: () => number;
  /** Stops after this many bytes in all. */
  stopAt(bytes: number): void;
  /** Resolves when all is written. */
  readonly done: Promise<void>;
}

const PIECE = 64 * 1024;

/** @param piece makes the bytes from this position on */
export function pump(socket: Socket, limit: number, piece: (from: number, length: number) => Buffer): Pump {
  let taken = 0;
  let end = limit;
  const done = new Promise<void>((resolve, reject) => {
    const next = (error?: Error | null): void => {
      if (error) {
        reject(error);
        return;
      }
      const length = Math.min(PIECE, end - taken);
      if (length <= 0) {
        resolve();
        return;
      }
      socket.write(piece(taken, length), (failure) => {
        if (!failure) taken += length;
        next(failure);
      });
    };
    next();
  });
  done.catch(() => {});
  return {
    taken: () => taken,
    stopAt: (bytes) => {
      end = bytes;
    },
    done,
  };
}
