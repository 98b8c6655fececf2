// One HTTP/2 connection of the load generator, with Node's client: many streams at once, counted like the others.
import { once } from "node:events";
import http2 from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { openTunnel } from "./connection.mjs";

export class Http2Connection {
  #session;

  /** @param {http2.ClientHttp2Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** @param {import("./connection.mjs").Target} target */
  static async open(target) {
    const tcp = connect({ port: target.dialPort, host: "127.0.0.1", noDelay: true });
    await once(tcp, "connect");
    if (target.tunnel) await openTunnel(tcp, `${target.host}:${target.port}`);
    const tls = connectTls({
      socket: tcp,
      servername: target.host,
      secureContext: target.trust,
      ALPNProtocols: ["h2"],
    });
    await once(tls, "secureConnect");
    const session = http2.connect(`https://${target.host}:${target.port}`, { createConnection: () => tls });
    await once(session, "connect");
    return new Http2Connection(session);
  }

  /**
   * @param {string} path
   * @returns {Promise<import("./connection.mjs").Answer>}
   */
  get(path) {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({ ":path": path, accept: "*/*", "user-agent": "bench" });
      let status = 0;
      let bodyBytes = 0;
      let firstByteAt = 0;
      stream.on("response", (headers) => {
        status = Number(headers[":status"]);
        firstByteAt = performance.now();
      });
      stream.on("data", (/** @type {Buffer} */ chunk) => {
        bodyBytes += chunk.length;
      });
      stream.on("end", () => resolve({ status, bodyBytes, firstByteAt }));
      stream.on("error", reject);
    });
  }
}
