// A SOCKS5 and SOCKS4a server for tests, written from RFC 1928 and RFC 1929 apart from the one under test.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

export interface TinySocksServer extends AsyncDisposable {
  readonly port: number;
  /** `socks5 host:port`, `socks4a user host:port`, in the order they came. */
  readonly seen: string[];
  /** Names that lead to this machine instead: what is asked for need not exist. */
  readonly aliases: Set<string>;
  /** The reply code of SOCKS5 instead of a connection. */
  refusal: number | undefined;
}

/** @param credentials `user:password` to insist on */
export async function startTinySocksServer(credentials?: string): Promise<TinySocksServer> {
  const seen: string[] = [];
  const aliases = new Set<string>();
  const open = new Set<net.Socket>();
  const serve = async (client: net.Socket): Promise<void> => {
    const read = reader(client);
    const version = (await read(1))[0];
    let host: string;
    let port: number;
    if (version === 4) {
      const head = await read(7);
      port = head.readUInt16BE(1);
      const user = await readText(read);
      const isNamed = head.readUInt32BE(3) < 256;
      host = isNamed ? await readText(read) : head.subarray(3).join(".");
      seen.push(`socks4a ${user} ${host}:${port}`);
    } else {
      const methods = await read((await read(1))[0]!);
      if (credentials !== undefined && !methods.includes(2)) {
        client.end(Buffer.from([5, 0xff]));
        return;
      }
      client.write(Buffer.from([5, credentials === undefined ? 0 : 2]));
      if (credentials !== undefined) {
        await read(1);
        const user = (await read((await read(1))[0]!)).toString();
        const password = (await read((await read(1))[0]!)).toString();
        if (`${user}:${password}` !== credentials) {
          client.end(Buffer.from([1, 1]));
          return;
        }
        client.write(Buffer.from([1, 0]));
      }
      const head = await read(4);
      host = await readAddress(read, head[3]!);
      port = (await read(2)).readUInt16BE(0);
      seen.push(`socks5 ${host}:${port}`);
      if (server.refusal !== undefined) {
        client.end(Buffer.from([5, server.refusal, 0, 1, 0, 0, 0, 0, 0, 0]));
        return;
      }
    }
    const origin = net.connect(port, aliases.has(host) ? "127.0.0.1" : host);
    await once(origin, "connect");
    // The reply in two pieces, and what an origin says first right behind it.
    const reply = version === 4 ? [0, 0x5a, 0, 0, 0, 0, 0, 0] : [5, 0, 0, 1, 127, 0, 0, 1, 0, 80];
    client.write(Buffer.from(reply.slice(0, 3)));
    client.write(Buffer.from(reply.slice(3)));
    origin.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => origin.destroy());
    origin.pipe(client);
    client.pipe(origin);
  };
  const listener = net.createServer((client) => {
    open.add(client);
    client.on("close", () => open.delete(client)).on("error", () => client.destroy());
    serve(client).catch(() => client.destroy());
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const server: TinySocksServer = {
    port: (listener.address() as AddressInfo).port,
    seen,
    aliases,
    refusal: undefined,
    async [Symbol.asyncDispose]() {
      for (const client of open) client.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
  return server;
}

type Read = (length: number) => Promise<Buffer>;

function reader(socket: net.Socket): Read {
  return async (length) => {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes: Buffer | null = socket.read(length);
      if (bytes !== null && bytes.length === length) return bytes;
      if (socket.readableEnded || socket.destroyed) throw new Error("the client ended");
      await once(socket, "readable");
    }
  };
}

async function readText(read: Read): Promise<string> {
  let text = "";
  for (;;) {
    const byte = (await read(1))[0]!;
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
}

async function readAddress(read: Read, type: number): Promise<string> {
  if (type === 1) return (await read(4)).join(".");
  if (type === 3) return (await read((await read(1))[0]!)).toString();
  return (await read(16)).toString("hex");
}
