// A client of raw bytes, directly or through a proxy, so that tests see exactly what is on the wire.
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";

/** Opens a CONNECT tunnel. @returns the socket after the proxy's 200. */
export async function connectThrough(proxyPort: number, authority: string): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port: proxyPort, allowHalfOpen: true });
  socket.on("error", () => {});
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const head = await readUntil(socket, "\r\n\r\n");
  if (!head.startsWith("HTTP/1.1 200")) throw new Error(`CONNECT was refused: ${head}`);
  return socket;
}

/** TLS inside a tunnel, as a browser does it. */
export async function secureThrough(
  proxyPort: number,
  authority: string,
  options: tls.ConnectionOptions,
): Promise<tls.TLSSocket> {
  const socket = tls.connect({ socket: await connectThrough(proxyPort, authority), ...options });
  await once(socket, "secureConnect");
  socket.on("error", () => {});
  return socket;
}

/** Reads text until it holds `end`; what follows in the same read is pushed back. */
export async function readUntil(socket: net.Socket, end: string): Promise<string> {
  let text = "";
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      if (socket.readableEnded || socket.destroyed) throw new Error(`the connection ended after: ${text}`);
      await readableOrEnd(socket);
      continue;
    }
    text += chunk.toString("latin1");
    const position = text.indexOf(end);
    if (position === -1) continue;
    const stop = position + end.length;
    if (stop < text.length) socket.unshift(Buffer.from(text.slice(stop), "latin1"));
    return text.slice(0, stop);
  }
}

export interface ReadToEnd {
  readonly text: string;
  /** `clean` for an orderly end, else the error's code. */
  readonly ending: string;
}

/** Reads until the connection is over. */
export async function readToEnd(socket: net.Socket): Promise<ReadToEnd> {
  const chunks: Buffer[] = [];
  let ending = "closed";
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    ending = error.code ?? error.message;
  });
  const ended = new Promise<void>((resolve) => {
    socket.on("end", () => {
      ending = "clean";
      resolve();
    });
    socket.on("close", () => resolve());
  });
  socket.resume();
  await ended;
  return { text: Buffer.concat(chunks).toString("latin1"), ending };
}

function readableOrEnd(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["readable", "end", "close", "error"]) socket.off(event, done);
      resolve();
    };
    for (const event of ["readable", "end", "close", "error"]) socket.on(event, done);
  });
}
