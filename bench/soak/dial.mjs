// Connections of the soak's clients to the proxy: bare, through a tunnel (CONNECT, SOCKS5 or SOCKS4a, as chance has it), and
// with TLS inside.
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { openTunnel } from "../connection.mjs";

const CONNECT_MS = 20_000;
const SOCKS_VERSION_5 = 5;

/** @typedef {import("./clients.mjs").Context} Context */

/**
 * @param {Context} context
 * @param {{ allowHalfOpen?: boolean }} [options]
 */
export async function dialProxy({ proxyPort, activity }, { allowHalfOpen = false } = {}) {
  const socket = connect({ port: proxyPort, host: "127.0.0.1", noDelay: true, allowHalfOpen });
  socket.on("error", () => socket.destroy());
  activity.closeWhenTooLate(socket);
  await within(activity, "a TCP connection to the proxy", once(socket, "connect"), socket);
  return socket;
}

/**
 * @param {Context} context
 * @param {string} authority
 * @param {{ allowHalfOpen?: boolean }} [options]
 */
export async function dialTunnel(context, authority, options) {
  const socket = await dialProxy(context, options);
  const [how, open] = context.random.weighted(WAYS);
  await within(context.activity, `the answer to ${how} ${authority}`, open(socket, authority), socket);
  return socket;
}

/**
 * @param {Context} context
 * @param {string} authority
 * @param {{ trust?: import("node:tls").SecureContext, alpn: string[] }} options
 */
export async function dialTls(context, authority, { trust, alpn }) {
  const socket = await dialTunnel(context, authority);
  const secure = connectTls({
    socket,
    servername: split(authority).host,
    ...(trust === undefined ? {} : { secureContext: trust }),
    ALPNProtocols: alpn,
  });
  secure.on("error", () => {
    secure.destroy();
    socket.destroy();
  });
  await within(context.activity, `TLS for ${authority}`, once(secure, "secureConnect"), socket);
  return secure;
}

/** @type {readonly (readonly [number, readonly [string, (socket: import("node:net").Socket, authority: string) => Promise<unknown>]])[]} */
const WAYS = [
  [8, ["CONNECT", openTunnel]],
  [1, ["SOCKS5", openSocks5]],
  [1, ["SOCKS4a", openSocks4a]],
];

/**
 * @param {import("node:net").Socket} socket
 * @param {string} authority
 */
async function openSocks5(socket, authority) {
  const { host, port } = split(authority);
  socket.write(Buffer.from([SOCKS_VERSION_5, 1, 0]));
  await reply(socket, 2, (bytes) => bytes[0] === SOCKS_VERSION_5 && bytes[1] === 0);
  const name = Buffer.from(host);
  socket.write(Buffer.concat([Buffer.from([SOCKS_VERSION_5, 1, 0, 3, name.length]), name, twoBytes(port)]));
  await reply(socket, 10, (bytes) => bytes[1] === 0);
}

/**
 * @param {import("node:net").Socket} socket
 * @param {string} authority
 */
async function openSocks4a(socket, authority) {
  const { host, port } = split(authority);
  const name = Buffer.from(`soak\0${host}\0`);
  socket.write(Buffer.concat([Buffer.from([4, 1]), twoBytes(port), Buffer.from([0, 0, 0, 1]), name]));
  await reply(socket, 8, (bytes) => bytes[1] === 0x5a);
}

/**
 * Reads exactly `length` bytes: what follows them is the tunnel's.
 * @param {import("node:net").Socket} socket
 * @param {number} length
 * @param {(bytes: Buffer) => boolean} granted
 */
async function reply(socket, length, granted) {
  for (;;) {
    const bytes = socket.read(length);
    if (bytes === null) await once(socket, "readable");
    else if (granted(bytes)) return;
    else throw new Error(`the proxy refused: ${bytes.toString("hex")}`);
  }
}

/** @param {string} authority */
function split(authority) {
  const colon = authority.lastIndexOf(":");
  return { host: authority.slice(0, colon), port: Number(authority.slice(colon + 1)) };
}

/** @param {number} value */
function twoBytes(value) {
  return Buffer.from([value >> 8, value & 0xff]);
}

/**
 * Fails when the connection closes first: what waits for an event only would wait for ever.
 * @template T
 * @param {import("./activity.mjs").Activity} activity
 * @param {string} what
 * @param {Promise<T>} promise
 * @param {import("node:net").Socket} socket
 * @returns {Promise<T>}
 */
async function within(activity, what, promise, socket) {
  const closed = new Promise((_resolve, reject) => {
    socket.once("close", () => reject(new Error(`closed before ${what}`)));
  });
  closed.catch(() => {});
  promise.catch(() => {});
  const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
  try {
    return await activity.waitFor(() => what, /** @type {Promise<T>} */ (Promise.race([promise, closed])));
  } finally {
    clearTimeout(timer);
  }
}
