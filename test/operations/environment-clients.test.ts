// Real tools with nothing but the variables: their requests reach an HTTPS origin whose name only the proxy knows and
// whose certificate only the CA vouches for. A tool that this machine lacks is skipped.
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { environment } from "../../src/operations/environment.js";
import { writeTrustFiles } from "../../src/operations/trust-bundle.js";
import { compilePreload } from "../support/compiled-preload.js";
import { createTinyCa } from "../support/tiny-ca.js";
import { startTinyConnectProxy, type TinyConnectProxy } from "../support/tiny-connect-proxy.js";

const folder = mkdtempSync(join(tmpdir(), "trafficctl clients-"));
const asked: string[] = [];
const servers: Server[] = [];
let proxy: TinyConnectProxy;
let variables: Record<string, string> = {};
let secure = "";
let plain = "";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const listener: RequestListener = (request, response) => {
  const path = (request.url ?? "").split("?")[0] ?? "";
  asked.push(`${request.method} ${path}`);
  const reply: Record<string, string> = {
    "/repository.git/info/refs": `${COMMIT}\trefs/heads/main\n`,
    "/repository.git/HEAD": "ref: refs/heads/main\n",
    "/registry/some-package": JSON.stringify({
      name: "some-package",
      "dist-tags": { latest: "1.2.3" },
      versions: {
        "1.2.3": {
          name: "some-package",
          version: "1.2.3",
          dist: { tarball: `${secure}/p.tgz`, shasum: "0".repeat(40) },
        },
      },
    }),
    "/index/config.json": JSON.stringify({ dl: `${secure}/dl`, api: secure }),
    "/api/v1/crates": JSON.stringify({
      crates: [{ name: "some-crate", max_version: "1.0.0", description: "found" }],
      meta: { total: 1 },
    }),
  };
  response.end(reply[path] ?? `hello from ${path}`);
};

beforeAll(async () => {
  const tiny = createTinyCa(folder);
  const secureServer = createServer(tiny.leaf, listener);
  const plainServer = createHttpServer(listener);
  for (const server of [secureServer, plainServer]) {
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  secure = `https://origin.test:${(secureServer.address() as AddressInfo).port}`;
  plain = `http://localhost:${(plainServer.address() as AddressInfo).port}`;
  proxy = await startTinyConnectProxy();
  proxy.aliases.add("origin.test");
  const files = await writeTrustFiles({
    folder: join(folder, "home", "ca"),
    caCertPath: tiny.certPath,
    base: {},
  });
  const preloadPath = compilePreload(join(folder, "preload"));
  variables = environment({
    proxyUrl: proxy.url,
    caCertPath: tiny.certPath,
    ...files,
    preloadPath,
    base: {},
  });
});

beforeEach(() => {
  asked.length = 0;
  proxy.seen.length = 0;
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

function has(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs a tool with the variables, PATH and a home of its own. @returns its stdout, and the rest when it failed */
async function run(command: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { PATH, PYENV_ROOT, RUSTUP_HOME, CARGO_HOME, HOME } = process.env;
  const toolchain = {
    PYENV_ROOT,
    RUSTUP_HOME: RUSTUP_HOME ?? `${HOME}/.rustup`,
    CARGO_HOME: CARGO_HOME ?? `${HOME}/.cargo`,
  };
  const env = {
    PATH,
    HOME: folder,
    ...toolchain,
    ...variables,
    npm_config_update_notifier: "false",
    ...more,
  };
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(error === null ? stdout : `${stdout}\nFAILED ${error.message}\n${stderr}`);
    });
  });
}

const tunnel = () => `CONNECT ${secure.replace("https://", "")}`;
const absolute = (path: string) => `GET ${plain}${path}`;

describe("curl", () => {
  it("https, and http to localhost", async () => {
    expect(await run("curl", ["-sS", `${secure}/a`, `${plain}/b`])).toBe("hello from /ahello from /b");
    expect(proxy.seen).toEqual([tunnel(), absolute("/b")]);
  });
});

it.skipIf(!has("wget", "--version"))("wget", async () => {
  expect(await run("wget", ["-q", "-O", "-", `${secure}/a`, `${plain}/b`])).toBe(
    "hello from /ahello from /b",
  );
  expect(proxy.seen).toEqual([tunnel(), absolute("/b")]);
});

describe("Python", () => {
  it.skipIf(!has("python3", "--version"))("urllib", async () => {
    const source = `import urllib.request as u
for url in ("${secure}/a", "${plain}/b"): print(u.urlopen(url).read().decode())`;
    expect(await run("python3", ["-c", source])).toBe("hello from /a\nhello from /b\n");
    expect(proxy.seen).toEqual([tunnel(), absolute("/b")]);
  });

  for (const library of ["requests", "httpx"]) {
    it.skipIf(!has("python3", "-c", `import ${library}`))(library, async () => {
      const source = `import ${library} as l
for url in ("${secure}/a", "${plain}/b"): print(l.get(url).text)`;
      expect(await run("python3", ["-c", source])).toBe("hello from /a\nhello from /b\n");
      expect(proxy.seen).toEqual([tunnel(), absolute("/b")]);
    });
  }

  it.skipIf(!has("python3", "-m", "pip", "--version"))("pip", async () => {
    const args = [
      "-m",
      "pip",
      "download",
      "--no-cache-dir",
      "--retries",
      "0",
      "--index-url",
      `${secure}/simple`,
      "no-such-package",
    ];
    await run("python3", args, { PIP_DISABLE_PIP_VERSION_CHECK: "1" });
    expect(asked).toContain("GET /simple/no-such-package/");
    expect(proxy.seen).toContain(tunnel());
  });
});

it.skipIf(!has("git", "--version"))("git, over a proxy of the user's own configuration", async () => {
  writeFileSync(join(folder, ".gitconfig"), "[http]\n\tproxy = http://127.0.0.1:1\n");
  expect(await run("git", ["ls-remote", `${secure}/repository.git`])).toContain(COMMIT);
  expect(proxy.seen[0]).toBe(tunnel());
});

it("npm", async () => {
  const args = [
    "view",
    "some-package",
    "version",
    "--registry",
    `${secure}/registry/`,
    "--cache",
    join(folder, "npm"),
  ];
  expect((await run("npm", args)).trim()).toMatch(/1\.2\.3$/);
  expect(proxy.seen).toEqual([tunnel()]);
});

it("node, started by npm's own shell, by a path with spaces in NODE_OPTIONS", async () => {
  mkdirSync(join(folder, "package"));
  const script = `node -e "fetch('${secure}/a').then((r) => r.text()).then((t) => process.stdout.write(t))"`;
  writeFileSync(join(folder, "package", "package.json"), JSON.stringify({ scripts: { smoke: script } }));
  expect(await run("npm", ["--prefix", join(folder, "package"), "run", "--silent", "smoke"])).toBe(
    "hello from /a",
  );
  expect(proxy.seen).toEqual([tunnel()]);
});

it.skipIf(!has("cargo", "--version"))("cargo", async () => {
  const index = `sparse+${secure}/index/`;
  expect(
    await run("cargo", ["search", "--index", index, "some-crate"], { CARGO_HOME: join(folder, "cargo") }),
  ).toContain("some-crate");
  expect(asked).toContain("GET /index/config.json");
  expect(proxy.seen).toContain(tunnel());
});

it.skipIf(!has("aws", "--version"))("the AWS CLI", async () => {
  const args = [
    "s3api",
    "list-buckets",
    "--endpoint-url",
    secure,
    "--no-sign-request",
    "--region",
    "eu-west-1",
  ];
  await run("aws", args, { AWS_EC2_METADATA_DISABLED: "true", AWS_MAX_ATTEMPTS: "1" });
  expect(asked).toContain("GET /");
  expect(proxy.seen).toContain(tunnel());
});

it.skipIf(!has("java", "-version"))(
  "Java: HttpClient and URLConnection, localhost too",
  async () => {
    const source = join(folder, "Main.java");
    writeFileSync(
      source,
      `import java.net.*; import java.net.http.*; import java.io.*;
    public class Main { public static void main(String[] args) throws Exception {
      for (String url : args) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        System.out.println(client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString()).body());
        try (InputStream in = new URL(url).openStream()) { System.out.println(new String(in.readAllBytes())); }
      } } }`,
    );
    const local = secure.replace("origin.test", "localhost");
    const lines = (await run("java", [source, `${secure}/a`, `${local}/b`, `${plain}/c`])).trim().split("\n");
    expect(lines).toEqual(["a", "a", "b", "b", "c", "c"].map((path) => `hello from /${path}`));
    expect(proxy.seen.filter((line) => line === tunnel())).toHaveLength(2);
    expect(proxy.seen.filter((line) => line.includes("CONNECT localhost:"))).toHaveLength(2);
    expect(proxy.seen.filter((line) => line === absolute("/c"))).toHaveLength(2);
  },
  90_000,
);
