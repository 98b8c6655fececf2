import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect, type SecureContext, TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { LeafCache } from "../../src/proxy/authority/leaf-cache.js";
import { CertificateAuthority } from "../../src/proxy/authority.js";
import { tempFolder } from "./authority-support.js";

/** More than the authority keeps. */
const MANY = 501;

describe("ever new host names", () => {
  it("release the context of the host that was asked for longest ago", () => {
    const released: number[] = [];
    let made = 0;
    const cache = new LeafCache<number>({
      make: () => made++,
      release: (context) => released.push(context),
      bound: 2,
    });
    for (const host of ["a", "b", "a", "c", "a", "d"]) cache.get(`${host}.example`);
    expect({ released, size: cache.size }).toEqual({ released: [1, 2], size: 2 });
  });

  it("leave none of OpenSSL's memory behind for the garbage collector", async () => {
    const authority = await CertificateAuthority.open(await tempFolder());
    const first = authority.contextFor("first.example");
    for (let count = 0; count < MANY; count++) authority.contextFor(`${count}.example`);
    expect(certificateIn(first)).toBeNull();
    expect(certificateIn(authority.contextFor("first.example"))).toBeInstanceOf(Buffer);
  });

  it("do not break a connection whose context is dropped in the middle of its handshake, or after it", async () => {
    const authority = await CertificateAuthority.open(await tempFolder());
    const flood = (from: string) => {
      for (let count = 0; count < MANY; count++) authority.contextFor(`${from}-${count}.example`);
    };
    const port = await listen((transport) => {
      const secureContext = authority.contextFor("first.example");
      const socket = new TLSSocket(transport, { isServer: true, secureContext });
      flood("before");
      socket.on("error", () => transport.destroy());
      socket.on("data", (bytes) => {
        flood("after");
        socket.end(bytes);
      });
    });
    const socket = connect({ port, host: "127.0.0.1", servername: "first.example", ca: [authority.certPem] });
    socket.write("echo");
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("echo");
  });
});

/** Null once the native context was closed. */
function certificateIn({ context }: SecureContext): unknown {
  return context.getCertificate();
}

async function listen(accept: (transport: Socket) => void): Promise<number> {
  const server = createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
