// SOCKS clients on the proxy's port.
import { once } from "node:events";
import net from "node:net";
import { expect, test } from "vitest";
import { httpOrigin, httpsOrigin, rawOrigin } from "../support/origin.js";
import { readToEnd } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { curl, useOrigins } from "../support/recordings.js";
import { run } from "../support/run.js";

const { authority, opened } = useOrigins();

const start = (options: Parameters<typeof testRecording>[0] = {}): Promise<TestRecording> =>
  opened(testRecording({ tls: { upstreamCa: authority().caPath }, ...options }));

const helloOrigins = async () => ({
  plain: await opened(httpOrigin((request, response) => response.end(`plain ${request.headers.host}`))),
  secure: await opened(
    httpsOrigin(authority(), (request, response) => response.end(`secure ${request.headers.host}`)),
  ),
});

test.each(["--socks5-hostname", "--socks5", "--socks4a", "--socks4"])("curl %s", async (flag) => {
  const { plain, secure } = await helloOrigins();
  const recording = await start();
  // Two of the flags have curl resolve the name, which may give an IPv6 address first: the origins have none.
  const resolved = [plain, secure].flatMap(({ port }) => ["--resolve", `localhost:${port}:127.0.0.1`]);
  const by = [flag, `127.0.0.1:${recording.port}`, ...resolved];
  const host = "localhost";
  expect((await curl(recording, ...by, `http://${host}:${plain.port}/a`)).stdout).toBe(
    `plain ${host}:${plain.port}`,
  );
  expect((await curl(recording, ...by, `https://${host}:${secure.port}/b`)).stdout).toBe(
    `secure ${host}:${secure.port}`,
  );
  const { exchanges } = await recording.finish();
  expect(exchanges.map(({ kind, request }) => [kind, request.url])).toEqual([
    ["http", `http://${host}:${plain.port}/a`],
    ["http", `https://${host}:${secure.port}/b`],
  ]);
});

const PYTHON = `
import socket, struct, sys
port, host, to = int(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
s = socket.create_connection(("127.0.0.1", port))
s.sendall(bytes([5, 1, 0]))
assert s.recv(2) == bytes([5, 0])
# The request and the first bytes of the protocol inside, at once.
s.sendall(bytes([5, 1, 0, 3, len(host)]) + host + struct.pack(">H", to) + b"GET /py HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
data = b""
while chunk := s.recv(4096): data += chunk
assert data[:10] == bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), data
print(data[10:].split(b"\\r\\n")[0].decode())
`;

test("Python by hand, the handshake and what follows in one piece", async () => {
  const { plain } = await helloOrigins();
  const recording = await start();
  const { stdout, stderr } = await run("python3", [
    "-c",
    PYTHON,
    `${recording.port}`,
    "localhost",
    `${plain.port}`,
  ]);
  expect(stderr).toBe("");
  expect(stdout).toBe("HTTP/1.1 200 OK\n");
});

test("a protocol whose server speaks first is a tunnel with a CONNECT of its own", async () => {
  const greeter = await opened(rawOrigin((socket) => socket.end("220 hello\r\n")));
  const recording = await start();
  const socket = net.connect(recording.port, "127.0.0.1");
  socket.write(Buffer.from([4, 1, greeter.port >> 8, greeter.port & 255, 127, 0, 0, 1, 0x6d, 0x65, 0]));
  expect((await readToEnd(socket)).text).toBe("\0\x5a\0\0\0\0\0\x00220 hello\r\n");
  expect((await recording.finish()).exchanges).toMatchObject([
    {
      kind: "tunnel",
      reason: "not-http",
      bytesReceived: 11,
      request: { method: "CONNECT", target: `127.0.0.1:${greeter.port}`, headers: [] },
    },
  ]);
});

test("of a host that is passed through, the reply tells whether it could be reached", async () => {
  const gone = await rawOrigin(() => {});
  await gone.close();
  const greeter = await opened(rawOrigin((socket) => socket.end("hi")));
  const recording = await start({ tls: { passthrough: ["*"] } });
  const ask = async (port: number): Promise<string> => {
    const socket = net.connect(recording.port, "127.0.0.1");
    socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255]));
    return (await readToEnd(socket)).text;
  };
  expect(await ask(greeter.port)).toBe("\x05\0\x05\0\0\x01\0\0\0\0\0\0hi");
  expect(await ask(gone.port)).toBe("\x05\0\x05\x05\0\x01\0\0\0\0\0\0");
  const { exchanges } = await recording.finish();
  expect(exchanges.map(({ error }) => error?.code)).toEqual([undefined, "connect-refused"]);
});

test.each([
  ["BIND", [5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80], "\x05\0\x05\x07\0\x01\0\0\0\0\0\0"],
  ["a version that is none", [5, 1, 0, 9, 9], "\x05\0\x05\x01\0\x01\0\0\0\0\0\0"],
])("%s is refused, told and logged", async (_what, bytes, reply) => {
  const recording = await start();
  const socket = net.connect(recording.port, "127.0.0.1");
  socket.write(Buffer.from(bytes));
  expect(await readToEnd(socket)).toEqual({ text: reply, ending: "clean" });
  expect(recording.failures[0]?.message).toMatch(/^a SOCKS5 client /);
});

test("a client that breaks off anywhere in the handshake, and a stop in the middle of it, leave nothing", async () => {
  const recording = await start();
  const whole = [5, 2, 0, 2, 5, 1, 0, 3, 9, ...Buffer.from("localhost"), 0, 80];
  for (let cut = 1; cut <= whole.length; cut++) {
    const socket = net.connect(recording.port, "127.0.0.1");
    await once(socket, "connect");
    await new Promise((resolve) => socket.write(Buffer.from(whole.slice(0, cut)), resolve));
    socket.resetAndDestroy();
  }
  const waiting = net.connect(recording.port, "127.0.0.1");
  waiting.on("error", () => {});
  waiting.write(Buffer.from([5, 1, 0]));
  await once(waiting, "data");
  await Promise.all([once(waiting, "close"), recording.finish()]);
});
