// Connections of the soak's clients to the proxy: bare, through a CONNECT, and with TLS inside.
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { openTunnel } from "../connection.mjs";

const CONNECT_MS = 20_000;

/** @param {number} port */
export async function dialProxy(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => socket.destroy());
  await within(once(socket, "connect"), socket);
  return socket;
}

/**
 * @param {number} proxyPort
 * @param {string} authority
 */
export async function dialTunnel(proxyPort, authority) {
  const socket = await dialProxy(proxyPort);
  await within(openTunnel(socket, authority), socket);
  return socket;
}

/**
 * @param {number} proxyPort
 * @param {string} authority
 * @param {{ trust?: import("node:tls").SecureContext, alpn: string[] }} options
 */
export async function dialTls(proxyPort, authority, { trust, alpn }) {
  const socket = await dialTunnel(proxyPort, authority);
  const secure = connectTls({
    socket,
    servername: authority.slice(0, authority.lastIndexOf(":")),
    ...(trust === undefined ? {} : { secureContext: trust }),
    ALPNProtocols: alpn,
  });
  secure.on("error", () => {
    secure.destroy();
    socket.destroy();
  });
  await within(once(secure, "secureConnect"), socket);
  return secure;
}

/**
 * Fails when the connection closes first: what waits for an event only would wait for ever.
 * @template T
 * @param {Promise<T>} promise
 * @param {import("node:net").Socket} socket
 * @returns {Promise<T>}
 */
async function within(promise, socket) {
  const { promise: over, reject } = withResolvers();
  const onClose = () => reject(new Error("the connection was closed"));
  socket.once("close", onClose);
  const timer = setTimeout(() => reject(new Error(`not connected within ${CONNECT_MS} ms`)), CONNECT_MS);
  over.catch(() => socket.destroy());
  try {
    return /** @type {T} */ (await Promise.race([promise, over]));
  } finally {
    clearTimeout(timer);
    socket.off("close", onClose);
  }
}

function withResolvers() {
  /** @type {(error: Error) => void} */
  let reject = () => {};
  const promise = new Promise((_resolve, no) => {
    reject = no;
  });
  return { promise, reject };
}
