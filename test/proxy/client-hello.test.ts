import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readClientHello } from "../../src/proxy/tls/client-hello.js";
import { fuzzFor } from "../support/fuzz.js";

/** The bytes that Node's TLS really sends. */
async function realHello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = tls.connect({ ...options, host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [net.Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

describe("a ClientHello", () => {
  test("with a name and ALPN", async () => {
    const bytes = await realHello({ servername: "Example.COM", ALPNProtocols: ["h2", "http/1.1"] });
    expect(readClientHello(bytes)).toEqual({ sni: "example.com", alpn: ["h2", "http/1.1"] });
  });

  test("without either", async () => {
    expect(readClientHello(await realHello({}))).toEqual({ sni: null, alpn: [] });
  });

  test("every prefix of it is incomplete", async () => {
    const bytes = await realHello({ servername: "example.com" });
    for (let length = 0; length < bytes.length; length++) {
      expect(readClientHello(bytes.subarray(0, length))).toBe("incomplete");
    }
  });

  test("in many small records", async () => {
    const bytes = await realHello({ servername: "example.com" });
    const handshake = bytes.subarray(5);
    const records: Buffer[] = [];
    for (let start = 0; start < handshake.length; start += 7) {
      const part = handshake.subarray(start, start + 7);
      records.push(Buffer.from([0x16, 3, 1, 0, part.length]), part);
    }
    expect(readClientHello(Buffer.concat(records))).toMatchObject({ sni: "example.com" });
  });

  test("whatever comes, it answers", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
        const framed = Buffer.concat([
          Buffer.from([0x16, 3, 1, noise.length >> 8, noise.length & 255]),
          noise,
        ]);
        for (const bytes of [Buffer.from(noise), framed]) {
          const hello = readClientHello(bytes);
          expect(typeof hello === "string" || Array.isArray(hello.alpn)).toBe(true);
        }
      }),
      fuzzFor(300),
    );
  });
});
