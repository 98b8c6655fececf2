// Wire tests of CONNECT: what it names, how its bytes come, and what is inside.
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { type Origin, rawOrigin, rawTlsOrigin } from "../support/origin.js";
import { connectThrough, readToEnd, readUntil } from "../support/raw-client.js";
import { openBench, type WireBench } from "./bench.js";
import { ok, request } from "./case.js";
import { wireTest } from "./statement.js";

let bench: WireBench;
const origins: Origin[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  for (const origin of origins.splice(0)) await origin.close();
});

async function started(origin: Promise<Origin>): Promise<Origin> {
  origins.push(await origin);
  return origin;
}

/** Answers one request a connection. */
const answering = (socket: net.Socket): void => {
  void readUntil(socket, "\r\n\r\n").then(() => socket.end(ok("ok")));
};

const GET = request("GET /a").replace("%H", "localhost");
const ANSWER = ok("ok");

/** A TLS origin that tells the name which each client asked for; null for none. */
const namedOrigin = (names: (string | null)[]): Promise<Origin> =>
  started(
    rawTlsOrigin(bench.authority, (socket) => {
      const { servername } = socket as tls.TLSSocket & { servername?: string | false };
      names.push(servername || null);
      answering(socket);
    }),
  );

/** A connection to the proxy's port, nothing said yet. */
async function toProxy(): Promise<net.Socket> {
  const socket = net.connect({
    host: "127.0.0.1",
    port: bench.recording.port,
    allowHalfOpen: true,
    noDelay: true,
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const connectHead = (authority: string): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;

/** TLS over a stream; resolves with the secured socket. */
async function secure(socket: net.Socket, options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  const secured = tls.connect({ socket, ca: bench.recording.ca.certPem, ...options });
  secured.on("error", () => {});
  await once(secured, "secureConnect");
  return secured;
}

/** The first bytes that a TLS client would send. */
async function clientHello(servername: string): Promise<{ hello: Buffer; server: net.Server }> {
  let take: (hello: Buffer) => void;
  const taken = new Promise<Buffer>((resolve) => {
    take = resolve;
  });
  const server = net.createServer((socket) =>
    socket.on("error", () => {}).once("data", (hello) => take(hello)),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: "127.0.0.1", servername }).on("error", () => {});
  const hello = await taken;
  client.destroy();
  return { hello, server };
}

async function writeByteByByte(socket: net.Socket, text: string | Buffer): Promise<void> {
  for (const byte of Buffer.from(text)) {
    await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

describe("CONNECT names", () => {
  wireTest("connect-ipv6", async () => {
    const origin = net.createServer(answering);
    const secured = tls.createServer({ ...bench.authority.identity(), allowHalfOpen: true }, (socket) =>
      answering(socket.on("error", () => {})),
    );
    for (const server of [origin, secured]) {
      server.listen(0, "::1");
      await once(server, "listening");
    }
    try {
      const plain = await connectThrough(
        bench.recording.port,
        `[::1]:${(origin.address() as net.AddressInfo).port}`,
      );
      plain.write(GET);
      expect((await readToEnd(plain)).text).toBe(ANSWER);
      const { port } = secured.address() as net.AddressInfo;
      const inside = await secure(await connectThrough(bench.recording.port, `[::1]:${port}`), {
        host: "::1",
      });
      expect(inside.authorized).toBe(true);
      inside.write(GET.replace("localhost", `[::1]:${port}`));
      expect((await readToEnd(inside)).text).toBe(ANSWER);
      const [exchange] = await bench.recorded(port, 1);
      expect(exchange!.request.url).toBe(`https://[::1]:${port}/a`);
    } finally {
      origin.close();
      secured.close();
    }
  });

  wireTest("connect-no-sni", async () => {
    const names: (string | null)[] = [];
    const { port } = await namedOrigin(names);
    const tunnel = await connectThrough(bench.recording.port, `localhost:${port}`);
    // An empty server name is how Node is told to send none.
    const socket = await secure(tunnel, {
      servername: "",
      checkServerIdentity: (_host, certificate) => tls.checkServerIdentity("localhost", certificate),
    });
    socket.write(GET);
    expect((await readToEnd(socket)).text).toBe(ANSWER);
    expect(names).toEqual([null]);
    const [exchange] = await bench.recorded(port, 1);
    expect(exchange!.client?.tls?.sni).toBeNull();
  });

  wireTest("connect-other-sni", async () => {
    const names: (string | null)[] = [];
    const origin = await namedOrigin(names);
    const tunnel = await connectThrough(bench.recording.port, `127.0.0.1:${origin.port}`);
    const socket = await secure(tunnel, { servername: "other.example" });
    socket.write(GET);
    expect((await readToEnd(socket)).text).toBe(ANSWER);
    expect(names).toEqual(["other.example"]);
    const [exchange] = await bench.recorded(origin.port, 1);
    expect(exchange!.server?.tls?.sni).toBe("other.example");
  });

  wireTest("connect-malformed", async () => {
    const authorities = [
      "localhost",
      "localhost:0",
      "localhost:99999",
      ":443",
      "http://localhost:1/",
      "[::1",
      "[::1]",
      "::1:443",
      "/",
      "*",
      "localhost:http",
      "local host:443",
      "user@localhost:443",
      "localhost:443/",
    ];
    for (const authority of authorities) {
      const socket = await toProxy();
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: localhost\r\n\r\n${GET}`);
      const { text, ending } = await readToEnd(socket);
      expect(text, authority).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(text.match(/HTTP\/1\.1 \d/g), authority).toHaveLength(1);
      expect(ending, authority).toBe("clean");
      socket.destroy();
    }
  });

  wireTest("connect-in-connect", async () => {
    const socket = await connectThrough(bench.recording.port, "localhost:1");
    socket.write(connectHead("localhost:2"));
    expect((await readToEnd(socket)).text).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\n/);
  });
});

describe("CONNECT bytes", () => {
  wireTest("connect-one-packet", async () => {
    const plain = await started(rawOrigin(answering));
    const socket = await toProxy();
    socket.write(connectHead(`localhost:${plain.port}`) + GET);
    expect((await readToEnd(socket)).text).toBe(`HTTP/1.1 200 Connection established\r\n\r\n${ANSWER}`);

    const other = await started(
      rawOrigin((origin) => void readUntil(origin, "\n").then((line) => origin.end(`got ${line}`))),
    );
    const text = await toProxy();
    text.write(`${connectHead(`localhost:${other.port}`)}\0\x01binary\n`);
    expect((await readToEnd(text)).text).toBe(
      "HTTP/1.1 200 Connection established\r\n\r\ngot \0\x01binary\n",
    );

    const { hello, server } = await clientHello("localhost");
    server.close();
    const early = await toProxy();
    early.write(Buffer.concat([Buffer.from(connectHead("localhost:1")), hello]));
    // A ServerHello behind the 200: a handshake record (22) of TLS.
    const answer = await readUntil(early, "\r\n\r\n\x16\x03\x03");
    expect(answer).toBe("HTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x03");
    early.destroy();
  });

  wireTest("connect-drip", async () => {
    const plain = await started(rawOrigin(answering));
    const socket = await toProxy();
    await writeByteByByte(socket, connectHead(`localhost:${plain.port}`) + GET);
    expect((await readToEnd(socket)).text).toBe(`HTTP/1.1 200 Connection established\r\n\r\n${ANSWER}`);

    const { hello, server } = await clientHello("localhost");
    server.close();
    const secured = await connectThrough(bench.recording.port, "localhost:1");
    secured.setNoDelay(true);
    await writeByteByByte(secured, hello);
    expect(await readUntil(secured, "\x16\x03\x03")).toBe("\x16\x03\x03");
    secured.destroy();
  });
});

describe("CONNECT with other protocols inside", () => {
  wireTest("connect-other-protocol", async () => {
    const received: string[] = [];
    const origin = await started(
      rawOrigin((socket) => {
        // Answers when the client has ended its side: so the half-close came through.
        void readToEnd(socket).then(({ text, ending }) => {
          received.push(text, ending);
          socket.end("\xffanswer");
        });
      }),
    );
    // With bytes that could still become a method, too: then the end decides.
    for (const bytes of ["\0\x01\xfe not http\n", "QUIT"]) {
      const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
      socket.end(bytes, "latin1");
      expect(await readToEnd(socket)).toEqual({
        text: Buffer.from("\xffanswer").toString("latin1"),
        ending: "clean",
      });
      expect(received.splice(0)).toEqual([bytes, "clean"]);
    }
    const exchanges = await bench.recorded(origin.port, 2);
    expect(exchanges[1]).toMatchObject({
      kind: "tunnel",
      reason: "not-http",
      bytesSent: 4,
      bytesReceived: 8,
    });
    expect(exchanges[1]!.error).toBeUndefined();
  });

  wireTest("connect-server-first", async () => {
    const origin = await started(
      rawOrigin((socket) => {
        socket.write("220 ready\r\n");
        void readUntil(socket, "\r\n").then((line) => socket.end(`250 ${line}`));
      }),
    );
    const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
    expect(await readUntil(socket, "\r\n")).toBe("220 ready\r\n");
    socket.write("EHLO me\r\n");
    expect(await readToEnd(socket)).toEqual({ text: "250 EHLO me\r\n", ending: "clean" });
  });

  wireTest("connect-1.0", async () => {
    const origin = await started(rawOrigin(answering));
    const socket = await toProxy();
    socket.write(`CONNECT localhost:${origin.port} HTTP/1.0\r\n\r\n`);
    await readUntil(socket, "\r\n\r\n");
    socket.write(GET);
    expect((await readToEnd(socket)).text).toBe(ANSWER);
  });

  wireTest("connect-silent", async () => {
    for (const how of ["end", "resetAndDestroy"] as const) {
      let connections = 0;
      let gaveUp: () => void;
      const given = new Promise<void>((resolve) => {
        gaveUp = resolve;
      });
      const origin = await started(
        rawOrigin((socket) => {
          if (++connections === 1) {
            socket.on("close", () => gaveUp());
            socket.resume();
            socket[how]();
          } else void readUntil(socket, "\n").then((line) => socket.end(`got ${line}`));
        }),
      );
      const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
      await given;
      socket.write("\0binary\n");
      expect(await readToEnd(socket)).toEqual({ text: "got \0binary\n", ending: "clean" });
      socket.destroy();
      const [exchange] = await bench.recorded(origin.port, 1);
      expect(exchange).toMatchObject({ kind: "tunnel", bytesSent: 8 });
    }
  });

  wireTest("connect-reset-by-origin", async () => {
    const origin = await started(rawOrigin((socket) => socket.once("data", () => socket.resetAndDestroy())));
    const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
    socket.write("\0\x01binary\n");
    expect(await readToEnd(socket)).toEqual({ text: "", ending: "ECONNRESET" });
    const [exchange] = await bench.recorded(origin.port, 1);
    expect(exchange).toMatchObject({ kind: "tunnel", error: { code: "origin-reset" } });
  });

  wireTest("connect-reset-by-client", async () => {
    let ended: (ending: string) => void;
    const ending = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const origin = await started(
      rawOrigin((socket) => {
        socket.write("hello");
        void readToEnd(socket).then(({ ending }) => ended(ending));
      }),
    );
    const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
    socket.write("\0\x01binary\n");
    await readUntil(socket, "hello");
    socket.resetAndDestroy();
    expect(await ending).toBe("ECONNRESET");
    const [exchange] = await bench.recorded(origin.port, 1);
    expect(exchange).toMatchObject({ kind: "tunnel", error: { code: "client-closed" } });
  });
});
