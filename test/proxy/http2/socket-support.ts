// Puts an Http2Connection on a socket, as an adapter would, with a small server and client on top for tests.
import net from "node:net";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { Http2Connection } from "../../../src/proxy/http2/connection.js";
import type { Http2Role } from "../../../src/proxy/http2/connection-core.js";
import type { ConnectionError, StreamError } from "../../../src/proxy/http2/errors.js";
import type { Http2Handler } from "../../../src/proxy/http2/handler.js";
import type { Http2Options } from "../../../src/proxy/http2/options.js";

export function attach(
  socket: net.Socket,
  role: Http2Role,
  handler: Http2Handler,
  options: Partial<Http2Options> = {},
): Http2Connection {
  const flush = (): void => {
    socket.cork();
    connection.flush();
    socket.uncork();
  };
  const output = {
    write: (bytes: Buffer): boolean => socket.write(bytes),
    wantsFlush: (): void => process.nextTick(flush),
  };
  const connection = new Http2Connection(role, handler, output, options);
  socket.setNoDelay(true);
  socket.on("data", (bytes) => connection.receive(bytes));
  socket.on("drain", () => connection.drained());
  socket.on("error", () => {});
  return connection;
}

export interface Received {
  readonly heads: RawHeaders[];
  readonly body: Buffer[];
  trailers: RawHeaders | undefined;
  reset: number | undefined;
  ended: boolean;
  closed: boolean;
}

/** Collects messages by stream; everything is consumed at once. */
export class Collector implements Http2Handler {
  readonly streams = new Map<number, Received>();
  readonly goaways: { lastStream: number; code: number; debugData: string }[] = [];
  readonly writable = new Map<number, () => void>();
  error: ConnectionError | undefined;
  connection!: Http2Connection;
  onHead: (stream: number, headers: RawHeaders, endStream: boolean) => void = () => {};
  onMessage: (stream: number, message: Received) => void = () => {};
  onOver: (stream: number, message: Received) => void = () => {};

  of(stream: number): Received {
    const known = this.streams.get(stream);
    if (known !== undefined) return known;
    const message = {
      heads: [],
      body: [],
      trailers: undefined,
      reset: undefined,
      ended: false,
      closed: false,
    };
    this.streams.set(stream, message);
    return message;
  }

  onHeaders(stream: number, headers: RawHeaders, endStream: boolean): void {
    this.of(stream).heads.push(headers);
    this.onHead(stream, headers, endStream);
    if (endStream) this.#end(stream);
  }

  onTrailers(stream: number, trailers: RawHeaders): void {
    this.of(stream).trailers = trailers;
    this.#end(stream);
  }

  onData(stream: number, data: Buffer, endStream: boolean): void {
    this.of(stream).body.push(Buffer.from(data));
    this.connection.consumed(stream, data.length);
    if (endStream) this.#end(stream);
  }

  onReset(stream: number, code: number, _failure: StreamError | undefined): void {
    this.of(stream).reset = code;
  }

  onWritable(stream: number): void {
    const resume = this.writable.get(stream);
    this.writable.delete(stream);
    resume?.();
  }

  onClose(stream: number): void {
    const message = this.of(stream);
    message.closed = true;
    this.onOver(stream, message);
  }

  onGoaway(lastStream: number, code: number, debugData: Buffer): void {
    this.goaways.push({ lastStream, code, debugData: debugData.toString("latin1") });
  }

  onSettings(): void {}
  onPong(): void {}

  onConnectionError(error: ConnectionError): void {
    this.error = error;
  }

  #end(stream: number): void {
    const message = this.of(stream);
    message.ended = true;
    this.onMessage(stream, message);
  }
}

/** A server of ours on a free port. */
export async function listen(
  serve: (collector: Collector, socket: net.Socket) => void,
  options: Partial<Http2Options> = {},
): Promise<{ port: number; collectors: Collector[]; [Symbol.asyncDispose](): Promise<void> }> {
  const collectors: Collector[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const collector = new Collector();
    collectors.push(collector);
    collector.connection = attach(socket, "server", collector, options);
    serve(collector, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    collectors,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
