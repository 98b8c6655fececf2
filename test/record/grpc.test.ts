// gRPC through the proxy: grpc-js as the client and the server, all four kinds of call, status trailers and cancelling.
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { issueIdentity } from "../support/identity.js";
import { type TestRecording, testRecording } from "../support/recording.js";

const bytes = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};
const definition = {
  unary: { path: "/test.Echo/Unary", requestStream: false, responseStream: false, ...bytes },
  collect: { path: "/test.Echo/Collect", requestStream: true, responseStream: false, ...bytes },
  repeat: { path: "/test.Echo/Repeat", requestStream: false, responseStream: true, ...bytes },
  chat: { path: "/test.Echo/Chat", requestStream: true, responseStream: true, ...bytes },
};

let folder: string;
let caPath: string;
let server: grpc.Server;
let port: number;
let recording: TestRecording;
let client: grpc.Client;

beforeAll(async () => {
  server = new grpc.Server();
  server.addService(definition, {
    unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
      if (call.request.toString() === "fail") {
        const metadata = new grpc.Metadata();
        metadata.set("why", "asked to");
        done({ code: grpc.status.FAILED_PRECONDITION, details: "no: ünfit", metadata });
      } else done(null, Buffer.from(`<${call.request}>`));
    },
    collect: (call: grpc.ServerReadableStream<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
      const parts: Buffer[] = [];
      call.on("data", (part: Buffer) => parts.push(part));
      call.on("end", () => done(null, Buffer.concat(parts)));
    },
    repeat: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
      for (let count = 0; count < 5; count++) call.write(Buffer.from(`${call.request} ${count}`));
      call.end();
    },
    chat: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (part: Buffer) => call.write(Buffer.from(`re: ${part}`)));
      call.on("end", () => call.end());
    },
  });
  const { cert, key } = issueIdentity();
  folder = await mkdtemp(join(tmpdir(), "grpc-"));
  caPath = join(folder, "ca.pem");
  await writeFile(caPath, cert);
  const credentials = grpc.ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) },
  ]);
  port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
});
afterAll(async () => {
  server.forceShutdown();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  client?.close();
  vi.unstubAllEnvs();
  await recording?.remove();
});

function same(message: Buffer): Buffer {
  return message;
}

async function connect(): Promise<
  Record<string, (...args: unknown[]) => grpc.ClientDuplexStream<Buffer, Buffer>>
> {
  recording = await testRecording({ tls: { upstreamCa: caPath } });
  vi.stubEnv("grpc_proxy", recording.url);
  const Client = grpc.makeGenericClientConstructor(definition, "Echo");
  const trusted = await readFile(recording.ca.certPath);
  const made = new Client(`localhost:${port}`, grpc.credentials.createSsl(trusted));
  client = made;
  return made as unknown as Record<string, (...args: unknown[]) => grpc.ClientDuplexStream<Buffer, Buffer>>;
}

test("all four kinds of call, recorded with their trailers", async () => {
  const echo = await connect();
  const unary = await new Promise((resolve, reject) => {
    echo.unary!(Buffer.from("one"), (error: Error | null, answer: Buffer) =>
      error ? reject(error) : resolve(String(answer)),
    );
  });
  expect(unary).toBe("<one>");

  const collected = new Promise((resolve, reject) => {
    const call = echo.collect!((error: Error | null, answer: Buffer) =>
      error ? reject(error) : resolve(String(answer)),
    );
    for (const part of ["a", "b", "c"]) call.write(Buffer.from(part));
    call.end();
  });
  expect(await collected).toBe("abc");

  const repeated = (await echo.repeat!(Buffer.from("x")).toArray()).map(String);
  expect(repeated).toEqual(["x 0", "x 1", "x 2", "x 3", "x 4"]);

  const chat = echo.chat!();
  for (const word of ["hi", "there"]) {
    chat.write(Buffer.from(word));
    expect(String((await once(chat, "data"))[0])).toBe(`re: ${word}`);
  }
  chat.end();
  await once(chat, "end");

  client.close();
  const { exchanges } = await recording.finish();
  expect(exchanges.map(({ request }) => request.target)).toEqual([
    "/test.Echo/Unary",
    "/test.Echo/Collect",
    "/test.Echo/Repeat",
    "/test.Echo/Chat",
  ]);
  for (const exchange of exchanges) {
    expect(exchange.error).toBeUndefined();
    expect(exchange).toMatchObject({ response: { status: 200, httpVersion: "HTTP/2.0" } });
    if (exchange.kind === "http") expect(exchange.response!.trailers).toContainEqual(["grpc-status", "0"]);
  }
});

test("a failed call keeps its status, details and metadata", async () => {
  const echo = await connect();
  const error = await new Promise<grpc.ServiceError>((resolve) => {
    echo.unary!(Buffer.from("fail"), (failure: grpc.ServiceError) => resolve(failure));
  });
  expect(error).toMatchObject({ code: grpc.status.FAILED_PRECONDITION, details: "no: ünfit" });
  expect(error.metadata.get("why")).toEqual(["asked to"]);
});

test("a large message goes both ways", async () => {
  const echo = await connect();
  const large = Buffer.alloc(3_000_000, 7);
  const call = echo.chat!();
  call.write(large);
  const [answer] = await once(call, "data");
  expect((answer as Buffer).equals(Buffer.concat([Buffer.from("re: "), Buffer.from(String(large))]))).toBe(
    true,
  );
  call.end();
  await once(call, "end");
});

test("a cancelled call ends on the server too", async () => {
  const echo = await connect();
  const call = echo.chat!();
  call.on("error", () => {});
  call.write(Buffer.from("hi"));
  await once(call, "data");
  call.cancel();
  const exchange = await recording.nextExchange();
  expect(exchange).toMatchObject({ error: { code: "client-closed" } });
});
