// Ends a TLS connection whose peer has ended its side and takes nothing more.

import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

const CHECK_MS = 1_000;
/** A peer that reads at all reads something within this. */
const STALL_MS = 10_000;

/**
 * A peer that ends TCP without TLS's close_notify leaves OpenSSL unable to write, and Node then never completes the write that
 * was pending: no error, no `close` (Node 20, found by bench/soak.mjs). So a write that does not move after the peer's end is
 * taken for a peer that has left. Without TLS the kernel tells, and nothing is done.
 */
export function cutIfStalled(socket: Duplex): void {
  if (!(socket instanceof TLSSocket) || socket.destroyed) return;
  let waiting = -1;
  let written = -1;
  let since = performance.now();
  const timer = setInterval(() => {
    if (socket.writableLength === 0 || socket.writableLength !== waiting || socket.bytesWritten !== written) {
      waiting = socket.writableLength;
      written = socket.bytesWritten;
      since = performance.now();
    } else if (performance.now() - since >= STALL_MS) socket.destroy();
  }, CHECK_MS);
  timer.unref();
  socket.once("close", () => clearInterval(timer));
}
