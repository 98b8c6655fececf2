// --proxy-auth: who may use the proxy.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRequestHead } from "../../src/proxy/http1/head.js";
import { authorisation, credentialCheck } from "../../src/proxy/proxy-auth.js";
import { trafficctl } from "../support/cli.js";
import { httpOrigin, httpsOrigin } from "../support/origin.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { curl, useOrigins } from "../support/recordings.js";

const { authority, opened } = useOrigins();

const AUTH = "me:p@ss w:örd";
const ENCODED = `me:${encodeURIComponent("p@ss w:örd")}`;

const start = (): Promise<TestRecording> =>
  opened(testRecording({ proxyAuth: AUTH, tls: { upstreamCa: authority().caPath } }));

const origins = async () => ({
  plain: await opened(httpOrigin((request, response) => response.end(JSON.stringify(request.rawHeaders)))),
  secure: await opened(
    httpsOrigin(authority(), (request, response) => response.end(JSON.stringify(request.rawHeaders))),
  ),
});

test("the right credentials open it for http, https and SOCKS5, and are neither sent on nor recorded", async () => {
  const { plain, secure } = await origins();
  const recording = await start();
  const ways = [
    ["-x", `http://${ENCODED}@127.0.0.1:${recording.port}`],
    ["-x", recording.urlWithCredentials],
    ["-x", `socks5h://${ENCODED}@127.0.0.1:${recording.port}`],
  ];
  for (const way of ways) {
    for (const url of [`http://localhost:${plain.port}/`, `https://localhost:${secure.port}/`]) {
      const { stdout, stderr } = await curl(recording, ...way, url);
      expect(stderr).toBe("");
      expect(stdout.toLowerCase()).not.toContain("proxy-authorization");
      expect(stdout).toContain("Host");
    }
  }
  await recording.finish();
  for (const file of ["exchanges.jsonl", "manifest.json"]) {
    const text = await readFile(join(recording.session.path, file), "utf8");
    expect(text.toLowerCase()).not.toContain("proxy-authorization");
    expect(text).not.toContain("p@ss");
  }
});

test("none and wrong ones get 407, or SOCKS's refusal; wrong ones are logged", async () => {
  const { plain, secure } = await origins();
  const recording = await start();
  const proxy = `127.0.0.1:${recording.port}`;
  const answer = await curl(recording, "-i", "-x", `http://${proxy}`, `http://localhost:${plain.port}/`);
  expect(answer.stdout).toMatch(
    /^HTTP\/1\.1 407 Proxy Authentication Required\r\n(?:.+\r\n)*Proxy-Authenticate: Basic realm="trafficctl", charset="UTF-8"\r\n/,
  );
  expect(recording.failures).toEqual([]);
  const connect = await curl(
    recording,
    "-x",
    `http://me:wrong@${proxy}`,
    `https://localhost:${secure.port}/`,
  );
  expect(connect.stderr).toMatch(/407/);
  expect(recording.failures.map(({ message }) => message)).toEqual([
    "a client gave a wrong user or password",
  ]);
  for (const way of [`socks5h://me:wrong@${proxy}`, `socks5h://${proxy}`, `socks4a://me@${proxy}`]) {
    expect((await curl(recording, "-x", way, `http://localhost:${plain.port}/`)).code).toBe(97);
  }
  // A client that asks only when it is told to: challenge, then the right answer.
  const asked = await curl(
    recording,
    ...["--proxy-anyauth", "-x", `http://${ENCODED}@${proxy}`, "-d", "x".repeat(100_000)],
    `http://localhost:${plain.port}/`,
  );
  expect(asked.stdout).toContain("Host");
  expect((await recording.finish()).exchanges).toHaveLength(1);
});

test("the page and the certificate are for everyone", async () => {
  const recording = await start();
  expect((await curl(recording, `${recording.url}/`)).stdout).toContain("trafficctl is recording here");
  expect((await curl(recording, `${recording.url}/ca.pem`)).stdout).toBe(recording.ca.certPem);
});

test.each([
  ["Basic bWU6cDp3", "right"],
  ["bAsIc   bWU6cDp3 ", "right"],
  ["Basic bWU6cDp4", "wrong"],
  ["Basic bWU=", "wrong"],
  ["Basic =", "wrong"],
  ["Basic", "none"],
  ["Bearer bWU6cDp3", "none"],
  ["Basic bWU6cDp3, Basic x", "none"],
])("Proxy-Authorization: %s is %s", (value, verdict) => {
  const head = parseRequestHead(
    Buffer.from(`GET http://x/ HTTP/1.1\r\nProxy-Authorization: ${value}\r\n\r\n`),
  );
  expect(authorisation(head, credentialCheck({ user: "me", password: "p:w" }))).toBe(verdict);
});

const CLIENTS: readonly (readonly [string, (url: string) => string[]])[] = [
  ["curl", (url) => ["curl", "-sS", url]],
  [
    "Node's http and https",
    (url) => [
      "node",
      "-e",
      `const u=${JSON.stringify(url)};require(u.split(":")[0]).get(u,r=>r.pipe(process.stdout))`,
    ],
  ],
  [
    "Node's fetch",
    (url) => [
      "node",
      "-e",
      `fetch(${JSON.stringify(url)}).then(r=>r.text()).then(t=>process.stdout.write(t))`,
    ],
  ],
  [
    "Python's urllib",
    (url) => [
      "python3",
      "-c",
      `import urllib.request as r;print(r.urlopen(${JSON.stringify(url)}).read().decode(),end="")`,
    ],
  ],
];

test.each(CLIENTS)("record -- COMMAND gives them to %s", async (_name, command) => {
  const { plain, secure } = await origins();
  const home = await mkdtemp(join(tmpdir(), "trafficctl-"));
  try {
    for (const url of [`http://localhost:${plain.port}/`, `https://localhost:${secure.port}/`]) {
      const { code, stdout, stderr } = await trafficctl([
        ...["record", "--quiet", "--port", "0", "--home", home, "--proxy-auth", AUTH],
        ...["--upstream-ca", authority().caPath, "--", ...command(url)],
      ]);
      expect(stderr).toBe("");
      expect(stdout.toLowerCase()).toContain("localhost");
      expect(stdout.toLowerCase()).not.toContain("proxy-authorization");
      expect(code).toBe(0);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test("env has them in the proxy's URL", async () => {
  const home = await mkdtemp(join(tmpdir(), "trafficctl-"));
  try {
    const { stdout } = await trafficctl(["env", "--json", "--home", home, "--proxy-auth", AUTH]);
    const url = `http://${ENCODED}@127.0.0.1:8080`;
    expect(JSON.parse(stdout)).toMatchObject({ HTTPS_PROXY: url, http_proxy: url, npm_config_proxy: url });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test.each(["me", ":pw", "", "m\ne:x", `${"x".repeat(256)}:y`])(
  "--proxy-auth %j is refused",
  async (proxyAuth) => {
    await expect(testRecording({ proxyAuth })).rejects.toMatchObject({ code: "BAD_OPTION" });
  },
);
