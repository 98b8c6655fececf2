// The `redact` action: what is named never reaches the disk, and the traffic stays as it is.
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type http from "node:http";
import { join } from "node:path";
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import type { Exchange } from "../../src/exchange/exchange.js";
import { tempFolder } from "../rules/support.js";
import { ask, http2Through } from "../support/http2-client.js";
import { http2Origin, httpOrigin } from "../support/origin.js";
import { connectThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { curl } from "../support/recordings.js";
import { world } from "../support/world.js";

const { authority, opened } = world();

/** Long enough to be replaced wherever it stands. */
const SECRET = "corr3ct-h0rse/battery+staple";

async function redacting(action: string, match = "~all"): Promise<TestRecording> {
  const file = join(tempFolder(), "rules.yaml");
  await writeFile(file, `rules: [{name: kept out, match: ${JSON.stringify(match)}, actions: [${action}]}]`);
  return await opened(testRecording({ tls: { upstreamCa: authority.caPath }, rules: { files: [file] } }));
}

/** Everything on the disk, a byte a character. */
async function onDisk({ session }: TestRecording): Promise<string> {
  const files = await readdir(session.path, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map(async (file) => await readFile(join(file.parentPath, file.name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

function answering(
  answer: (request: http.IncomingMessage, body: Buffer) => string | Buffer,
  headers: http.OutgoingHttpHeaders,
) {
  return async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(200, headers).end(answer(request, Buffer.concat(chunks)));
  };
}

function textOf({ body }: { body: Exchange["request"]["body"] }): string | undefined {
  return body.kind === "text" ? body.text : undefined;
}

async function only(recording: TestRecording): Promise<Exchange & { kind: "http" }> {
  const { exchanges } = await recording.finish();
  expect(exchanges).toHaveLength(1);
  const [exchange] = exchanges;
  if (exchange?.kind !== "http") throw new Error("no exchange");
  return exchange;
}

describe("what is named", () => {
  test("is left out of heads, addresses and bodies of both sides, and of what went on", async () => {
    const received: string[] = [];
    const origin = await opened(
      httpOrigin(
        answering(
          (request, body) => {
            received.push(`${request.url} ${request.headers.authorization} ${body}`);
            return `{ "echo": ${JSON.stringify(String(body))}, "id": 1.0 }`;
          },
          {
            "content-type": "application/json",
            "x-session-token": SECRET,
            location: `/next?code=${encodeURIComponent(SECRET)}`,
          },
        ),
      ),
    );
    const recording = await redacting(
      "{set-request: {headers: {set: {x-added-token: added-by-a-rule-42}}}}, {redact: {headers: [authorization, x-*-token], query: [code], json: [/password]}}",
    );
    const url = `http://localhost:${origin.port}/login?code=${encodeURIComponent(SECRET)}&x=1`;
    const sent = `{"password":"${SECRET}", "user":"bob"}`;
    const got = await curl(
      recording,
      "-x",
      recording.url,
      "-H",
      `Authorization: Bearer ${SECRET}`,
      "-H",
      "Content-Type: application/json",
      "-d",
      sent,
      url,
    );
    expect(JSON.parse(got.stdout)).toEqual({ echo: sent, id: 1 });
    expect(received).toEqual([`/login?code=${encodeURIComponent(SECRET)}&x=1 Bearer ${SECRET} ${sent}`]);
    const exchange = await only(recording);
    expect(textOf(exchange.request)).toBe('{"password":"REDACTED", "user":"bob"}');
    expect(exchange.request.body.size).toBe(sent.length);
    expect(exchange.request.url).toBe(`http://localhost:${origin.port}/login?code=REDACTED&x=1`);
    expect(textOf(exchange.response!)).toBe(
      '{ "echo": "{\\"password\\":\\"REDACTED\\", \\"user\\":\\"bob\\"}", "id": 1.0 }',
    );
    expect(exchange.response?.headers).toContainEqual(["x-session-token", "REDACTED"]);
    expect(exchange.forwarded?.headers).toContainEqual(["x-added-token", "REDACTED"]);
    expect(exchange.rules).toEqual(["kept out"]);
    const disk = await onDisk(recording);
    expect(disk).not.toContain("h0rse");
    expect(disk).not.toContain("added-by-a-rule");
  });

  test("is left out over HTTP/2, and of a body with a content coding", async () => {
    const origin = await opened(
      http2Origin(authority, (stream) => {
        stream.respond({ ":status": 200, "content-type": "application/json", "content-encoding": "gzip" });
        stream.end(zlib.gzipSync(`{"user":{"token":"${SECRET}"},"list":[1,2]}`));
      }),
    );
    const recording = await redacting("{redact: {json: [/user/token], headers: [cookie]}}");
    const session = await http2Through(recording, origin.port);
    const answer = await ask(session, { ":path": "/", cookie: `a=${SECRET}` });
    session.close();
    expect(zlib.gunzipSync(answer.body).toString()).toContain(SECRET);
    const { request, response, har } = await only(recording);
    expect(request.headers).toContainEqual(["cookie", "REDACTED"]);
    expect(response?.body).toMatchObject({ decoded: "content", size: answer.body.length });
    expect(textOf(response!)).toBe('{"user":{"token":"REDACTED"},"list":[1,2]}');
    expect(har?.content).toMatchObject({ size: zlib.gunzipSync(answer.body).length });
    expect(await onDisk(recording)).not.toContain("h0rse");
  });

  test("events keep their times", async () => {
    const origin = await opened(
      httpOrigin((_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`data: {"token":"${SECRET}"}\n\n`);
        setImmediate(() => response.end('data: {"n":1}\n\n'));
      }),
    );
    const recording = await redacting("{redact: {json: [/token]}}");
    const got = await curl(recording, "-x", recording.url, `http://localhost:${origin.port}/`);
    expect(got.stdout).toContain(SECRET);
    const { response } = await only(recording);
    const text = 'data: {"token":"REDACTED"}\n\ndata: {"n":1}\n\n';
    expect(textOf(response!)).toBe(text);
    expect(response?.body.chunks?.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(text.length);
    expect(await onDisk(recording)).not.toContain("h0rse");
  });

  test("messages of a WebSocket", async () => {
    const sockets = new WebSocketServer({ noServer: true });
    const origin = await opened(httpOrigin((_request, response) => response.end()));
    origin.server.on("upgrade", (request: http.IncomingMessage, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
      });
    });
    const recording = await redacting("{redact: {json: [/token], query: [ticket]}}");
    const socket = await connectThrough(recording.port, `localhost:${origin.port}`);
    const client = new WebSocket(`ws://localhost:${origin.port}/?ticket=${encodeURIComponent(SECRET)}`, {
      createConnection: () => socket,
    });
    await once(client, "open");
    for (const data of [`{"token":"${SECRET}","n":1}`, `plain ${SECRET}`, Buffer.from([0, 255, 1]), "last"]) {
      client.send(data);
      expect((await once(client, "message"))[0].equals(Buffer.from(data))).toBe(true);
    }
    client.close();
    await once(client, "close");
    const { exchanges, messages } = await recording.finish();
    expect(exchanges.map(({ kind, request }) => [kind, request.url])).toEqual([
      ["websocket", `http://localhost:${origin.port}/?ticket=REDACTED`],
    ]);
    const texts = messages.filter(({ direction, opcode }) => direction === "send" && opcode < 8).map(textOf);
    expect(texts).toEqual(['{"token":"REDACTED","n":1}', "plain REDACTED", undefined, "last"]);
    expect(await onDisk(recording)).not.toContain("h0rse");
  });
});

describe("bodies", () => {
  test("of one side or both go as a whole; their sizes stay", async () => {
    const origin = await opened(httpOrigin(answering((_request, body) => body, {})));
    const recording = await redacting("{redact: {body: response}}");
    await curl(recording, "-x", recording.url, "-d", "asked", `http://localhost:${origin.port}/`);
    const { request, response } = await only(recording);
    expect(textOf(request)).toBe("asked");
    expect(response?.body).toEqual({ kind: "omitted", size: 5 });
  });

  test("that are too large to be looked at are left out, and pass", async () => {
    const large = Buffer.from(`{"password":"${SECRET}","rest":"${"x".repeat(10_500_000)}"}`);
    let received = 0;
    const origin = await opened(
      httpOrigin(
        answering((_request, body) => {
          received = body.length;
          return large;
        }, {}),
      ),
    );
    const recording = await redacting("{redact: {json: [/password]}}");
    const file = join(tempFolder(), "large.json");
    await writeFile(file, large);
    const got = await curl(
      recording,
      "-x",
      recording.url,
      "--data-binary",
      `@${file}`,
      "-o",
      `${file}.got`,
      `http://localhost:${origin.port}/`,
    );
    expect(got.code).toBe(0);
    expect(received).toBe(large.length);
    expect((await readFile(`${file}.got`)).equals(large)).toBe(true);
    const { request, response } = await only(recording);
    expect(request.body).toEqual({ kind: "omitted", size: large.length });
    expect(response?.body).toEqual({ kind: "omitted", size: large.length });
    expect(await onDisk(recording)).not.toContain("h0rse");
  });

  test("are not on the disk before the rule is decided, and whole where it does not hold in the end", async () => {
    const half = Buffer.alloc(1_500_000, `"${SECRET}" `);
    let wanted = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      wanted = resolve;
    });
    let status = 500;
    let go = (): void => {};
    const origin = await opened(
      httpOrigin((request, response) => {
        request.resume().on("end", () => {
          wanted();
          go = () => response.writeHead(status).end("told");
        });
      }),
    );
    const recording = await redacting("{redact: {body: request}}", "~c 500");
    const asking = fetchThrough(recording, `http://localhost:${origin.port}/`, half);
    await arrived;
    expect(await onDisk(recording)).not.toContain("h0rse");
    status = 200;
    go();
    await asking;
    const { request } = await only(recording);
    expect(request.body).toMatchObject({ kind: "file", size: half.length, stored: half.length });
    expect(await onDisk(recording)).toContain(half.toString("latin1"));
  });

  test("a rule that can't be told counts as one that acts", async () => {
    const origin = await opened(httpOrigin((request) => void request.socket.destroy()));
    const recording = await redacting("{redact: {json: [/password]}}", "~bs nothing");
    await curl(
      recording,
      "-x",
      recording.url,
      "-H",
      "Content-Type: application/json",
      "-d",
      `{"password":"${SECRET}"}`,
      `http://localhost:${origin.port}/`,
    );
    const { request, error } = await only(recording);
    expect(error?.code).toBe("origin-closed");
    expect(textOf(request)).toBe('{"password":"REDACTED"}');
  });

  test("that broke off in the middle of a document are left out", async () => {
    const origin = await opened(
      httpOrigin((_request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
        response.write(`{"token":"${SECRET}`, () => response.socket?.destroy());
      }),
    );
    const recording = await redacting("{redact: {json: [/token]}}");
    await curl(recording, "-x", recording.url, `http://localhost:${origin.port}/`);
    const { response } = await only(recording);
    expect(response?.body).toMatchObject({ kind: "omitted", truncated: "origin-closed" });
    expect(await onDisk(recording)).not.toContain("h0rse");
  });
});

test("a rule before it that decides the exchange does not decide what is recorded", async () => {
  const recording = await redacting(
    `{respond: {json: {token: ${SECRET}}}}]}, {name: behind, actions: [{redact: {json: [/token]}}`,
  );
  const got = await curl(
    recording,
    "-x",
    recording.url,
    "-d",
    `{"token":"${SECRET}"}`,
    "http://nowhere.test/",
  );
  expect(got.stdout).toContain(SECRET);
  const { request, response } = await only(recording);
  expect([textOf(request), textOf(response!)]).toEqual(['{"token":"REDACTED"}', '{"token":"REDACTED"}']);
  expect(await onDisk(recording)).not.toContain("h0rse");
});

test("alone it leaves out whatever an export would", async () => {
  const origin = await opened(
    httpOrigin(
      answering((_request, body) => body, {
        "content-type": "application/json",
        "set-cookie": `sid=${SECRET}`,
      }),
    ),
  );
  const recording = await redacting("redact");
  const sent = `{"access_token":"${SECRET}","name":"bob"}`;
  const got = await curl(
    recording,
    "-x",
    recording.url,
    "-H",
    `Authorization: Bearer ${SECRET}`,
    "-d",
    sent,
    `http://localhost:${origin.port}/`,
  );
  expect(got.stdout).toBe(sent);
  const { request, response } = await only(recording);
  expect(textOf(response!)).toBe('{"access_token":"REDACTED-1","name":"bob"}');
  expect(request.headers).toContainEqual(["Authorization", "Bearer REDACTED-1"]);
  expect(await onDisk(recording)).not.toContain("h0rse");
});

async function fetchThrough(recording: TestRecording, url: string, body: Buffer): Promise<void> {
  const file = join(tempFolder(), "sent");
  await writeFile(file, body);
  const { code } = await curl(
    recording,
    "-x",
    recording.url,
    "-H",
    "Expect:",
    "--data-binary",
    `@${file}`,
    url,
  );
  expect(code).toBe(0);
}
