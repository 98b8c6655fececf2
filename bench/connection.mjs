// One client connection of the load generator: TCP, CONNECT where a proxy asks for it, TLS, then one request at a time.
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { ResponseReader } from "./response-reader.mjs";

/**
 * @typedef {object} Target
 * @property {number} dialPort what to dial on 127.0.0.1: the proxy, or the origin itself
 * @property {boolean} tunnel whether to send CONNECT first
 * @property {string} host the origin's name or address, as CONNECT, SNI and Host say it
 * @property {number} port
 * @property {boolean} connectionClose
 * @property {import("node:tls").SecureContext} trust holds the CA that the other side's certificate must come from
 */

/** @typedef {{ status: number, bodyBytes: number, firstByteAt: number }} Answer `firstByteAt` by performance.now() */

const SILENCE_MS = 30_000;

export class Connection {
  #socket;
  #target;
  /** @type {{ reader: ResponseReader, firstByteAt: number, resolve: (a: Answer) => void, reject: (e: Error) => void } | null} */
  #waiting = null;

  /**
   * @param {import("node:tls").TLSSocket} socket
   * @param {Target} target
   */
  constructor(socket, target) {
    this.#socket = socket;
    this.#target = target;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () =>
      this.#fail(new Error("the connection was closed before the response was complete")),
    );
    socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error(`nothing came for ${SILENCE_MS} ms`)));
  }

  /**
   * A full TLS handshake every time: no session is ever offered for resumption. The certificate is verified.
   * @param {Target} target
   */
  static async open(target) {
    const tcp = connect({ port: target.dialPort, host: "127.0.0.1", noDelay: true });
    await once(tcp, "connect");
    if (target.tunnel) await openTunnel(tcp, `${target.host}:${target.port}`);
    const isAddress = /^[\d.]+$/.test(target.host);
    const tls = connectTls({
      socket: tcp,
      host: target.host,
      ...(isAddress ? {} : { servername: target.host }),
      secureContext: target.trust,
      ALPNProtocols: ["http/1.1"],
    });
    await once(tls, "secureConnect");
    return new Connection(tls, target);
  }

  /**
   * @param {string} path
   * @returns {Promise<Answer>}
   */
  get(path) {
    return new Promise((resolve, reject) => {
      this.#waiting = { reader: new ResponseReader(), firstByteAt: 0, resolve, reject };
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${this.#target.host}:${this.#target.port}\r\n` +
          "User-Agent: trafficctl-bench/1\r\nAccept: application/json, */*;q=0.8\r\n" +
          "Accept-Language: en\r\nAuthorization: Bearer 0123456789abcdef\r\n" +
          (this.#target.connectionClose ? "Connection: close\r\n\r\n" : "\r\n"),
      );
    });
  }

  close() {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#socket.destroy(new Error("bytes that nothing asked for"));
      return;
    }
    if (waiting.firstByteAt === 0) waiting.firstByteAt = performance.now();
    try {
      if (!waiting.reader.feed(chunk)) return;
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#waiting = null;
    waiting.resolve({
      status: waiting.reader.status,
      bodyBytes: waiting.reader.bodyBytes,
      firstByteAt: waiting.firstByteAt,
    });
  }

  /** @param {Error} error */
  #fail(error) {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }
}

/**
 * @param {import("node:net").Socket} tcp
 * @param {string} authority
 */
export async function openTunnel(tcp, authority) {
  tcp.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  let head = "";
  // Some proxies send the head of the answer in several writes.
  while (!head.endsWith("\r\n\r\n")) {
    const [chunk] = await once(tcp, "data");
    head += chunk.toString("latin1");
  }
  // The socket flows by now; TLS takes it over before the next chunk.
  if (!/^HTTP\/1\.[01] 200 /.test(head)) throw new Error(`CONNECT was refused: ${head.split("\r\n")[0]}`);
}
