// The HTTPS origin, a process of its own: fixed bodies on /bytes/N, an unbuffered download on /stream/N.
// Forked with a scratch folder as its argument; sends { host, port, hostsPort, http2Port, certificates } when it listens.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createSecureServer as createHttp2Server } from "node:http2";
import { createServer } from "node:https";
import { hostname } from "node:os";
import { makeCertificates } from "./certificates.mjs";
import { MIB, streamBlock, textBody } from "./payload.mjs";
import { answers } from "./ports.mjs";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: origin.mjs FOLDER");
// The machine's own name where it leads here: for `localhost` mockttp dials a probe at every request, which would
// be counted against it.
const names = [hostname(), "localhost"];
const certificates = makeCertificates(folder, names);
const port = await listen(certificates.main);
const hostsPort = await listen(certificates.hosts);
const http2Port = await listen(certificates.main, true);
process.on("disconnect", () => process.exit());
const host = (await answers(port, hostname())) ? hostname() : "localhost";
process.send?.({ host, port, hostsPort, http2Port, certificates });

/**
 * @param {import("./certificates.mjs").KeyPairFiles} files
 * @param {boolean} [withHttp2] besides HTTP/1.1; the other ports speak HTTP/1.1 alone
 * @returns {Promise<number>} the port
 */
async function listen(files, withHttp2 = false) {
  const options = {
    key: readFileSync(files.key),
    cert: readFileSync(files.cert),
    // Connections stay open through pauses between windows: a proxy that pools must not meet a closed one.
    keepAliveTimeout: 300_000,
    noDelay: true,
  };
  const listener = (/** @type {any} */ request, /** @type {any} */ response) => {
    answer(request, response).catch(() => response.destroy());
  };
  const server = withHttp2
    ? createHttp2Server({ ...options, allowHTTP1: true }, listener)
    : createServer(options, listener);
  // On every loopback address: 127.0.1.N are the hosts never seen before.
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function answer(request, response) {
  const [, kind, size] = /^\/(bytes|stream)\/(\d+)$/.exec(request.url ?? "") ?? [];
  const length = Number(size);
  if (kind === "bytes") {
    response.writeHead(200, {
      "content-type": "application/json; charset=utf-8",
      "content-length": length,
      "cache-control": "no-cache",
      etag: '"5d8c72a5edda8d6a"',
      "x-request-id": "01J9ZC0M5W8Q4T7N2R6B3D1F0G",
    });
    response.end(textBody(length));
  } else if (kind === "stream") {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": length });
    for (let sent = 0; sent < length; sent += MIB) {
      const block = streamBlock(sent / MIB);
      if (!response.write(block.subarray(0, length - sent))) await once(response, "drain");
    }
    response.end();
  } else {
    response.writeHead(404).end();
  }
}
