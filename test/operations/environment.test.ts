// The variables as such, and the files they name.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EnvironmentInput, environment, prepareEnvironment } from "../../src/operations/environment.js";
import { writeTrustFiles } from "../../src/operations/trust-bundle.js";
import { splitPem } from "../../src/proxy/roots.js";
import { createTinyCa } from "../support/tiny-ca.js";

const input: EnvironmentInput = {
  proxyUrl: "http://127.0.0.1:8080",
  caCertPath: "/h/ca.pem",
  bundlePath: "/h/bundle.pem",
  javaTrustStorePath: "/h/truststore.jks",
  wgetrcPath: "/h/wgetrc",
  preloadPath: "/h/node-proxy.cjs",
  base: {},
};

describe("environment", () => {
  it("sets the proxy in both letter cases and empties the exceptions", () => {
    const variables = environment(input);
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY"]) {
      expect([variables[name], variables[name.toLowerCase()]]).toEqual([input.proxyUrl, input.proxyUrl]);
    }
    expect([variables.NO_PROXY, variables.no_proxy, variables.no_grpc_proxy]).toEqual(["", "", ""]);
  });

  it("passes exceptions to every tool that knows them, and to none that does not", () => {
    const variables = environment({ ...input, noProxy: "localhost,.example.com" });
    for (const name of ["NO_PROXY", "no_proxy", "no_grpc_proxy", "npm_config_noproxy"]) {
      expect(variables[name]).toBe("localhost,.example.com");
    }
    expect(variables.JAVA_TOOL_OPTIONS).toContain(
      "-Dhttp.nonProxyHosts=localhost|*.localhost|example.com|*.example.com ",
    );
    expect(variables).not.toHaveProperty("PIP_PROXY");
  });

  it("uses the bundle where a variable replaces the roots, the CA where it adds to them", () => {
    const variables = environment(input);
    for (const name of [
      "SSL_CERT_FILE",
      "REQUESTS_CA_BUNDLE",
      "CURL_CA_BUNDLE",
      "GIT_SSL_CAINFO",
      "npm_config_cafile",
    ]) {
      expect(variables[name]).toBe(input.bundlePath);
    }
    expect([variables.NODE_EXTRA_CA_CERTS, variables.DENO_CERT]).toEqual([
      input.caCertPath,
      input.caCertPath,
    ]);
  });

  it("keeps the user's own options, and adds its own once", () => {
    const base = {
      NODE_OPTIONS: "--max-old-space-size=100",
      JAVA_TOOL_OPTIONS: "-Xmx1g",
      NODE_EXTRA_CA_CERTS: "/corp.pem",
    };
    const once = environment({ ...input, base });
    expect(once.NODE_OPTIONS).toBe("--max-old-space-size=100 --require /h/node-proxy.cjs");
    expect(once.JAVA_TOOL_OPTIONS).toMatch(/^-Xmx1g -Dhttp\.proxyHost=127\.0\.0\.1 /);
    expect(once.NODE_EXTRA_CA_CERTS).toBe(input.bundlePath);
    expect(environment({ ...input, base: { ...base, ...once } })).toEqual(once);
  });

  it("adds its git setting behind the user's", () => {
    const base = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "me" };
    const variables = environment({ ...input, base });
    expect(variables).toMatchObject({
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_1: "http.proxy",
      GIT_CONFIG_VALUE_1: input.proxyUrl,
    });
    expect(variables).not.toHaveProperty("GIT_CONFIG_KEY_0");
  });

  it("leaves NODE_OPTIONS alone without a preload, and names IPv6 addresses as Java does", () => {
    const variables = environment({ ...input, preloadPath: undefined, proxyUrl: "http://[::1]:3128" });
    expect(variables).not.toHaveProperty("NODE_OPTIONS");
    expect(variables.JAVA_TOOL_OPTIONS).toContain("-Dhttp.proxyHost=::1 -Dhttp.proxyPort=3128");
  });
});

describe("the files", () => {
  const folder = mkdtempSync(join(tmpdir(), "trafficctl-environment-"));
  let caCertPath = "";
  let caPem = "";
  let otherCa = "";
  let home = 0;
  const newHome = (): string => join(folder, `home ${home++}`, "ca");

  beforeAll(() => {
    const tiny = createTinyCa(folder);
    caCertPath = tiny.certPath;
    caPem = tiny.cert.trim();
    mkdirSync(join(folder, "other"));
    otherCa = createTinyCa(join(folder, "other")).certPath;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("hold the roots of the system and the CA, each once", async () => {
    const files = await writeTrustFiles({
      folder: newHome(),
      caCertPath,
      base: { SSL_CERT_FILE: caCertPath },
    });
    const bundle = splitPem(readFileSync(files.bundlePath, "latin1"));
    expect(bundle.length).toBeGreaterThan(50);
    expect(bundle.filter((root) => root === caPem)).toHaveLength(1);
    expect(new Set(bundle).size).toBe(bundle.length);
    expect(files.bundlePath).toMatch(/ca[/\\]bundle\.pem$/);
    expect(readFileSync(files.wgetrcPath, "utf8")).toContain(`\nca_certificate = ${files.bundlePath}\n`);
  });

  it("hold roots of the user's own too, in files that other environments do not share", async () => {
    const target = newHome();
    const plain = await writeTrustFiles({ folder: target, caCertPath, base: {} });
    const own = await writeTrustFiles({
      folder: target,
      caCertPath,
      base: { NODE_EXTRA_CA_CERTS: otherCa, SSL_CERT_FILE: "/missing" },
    });
    expect(own.bundlePath).not.toBe(plain.bundlePath);
    const read = (path: string): Set<string> => new Set(splitPem(readFileSync(path, "latin1")));
    const extra = [...read(own.bundlePath)].filter((root) => !read(plain.bundlePath).has(root));
    expect(extra).toEqual([readFileSync(otherCa, "utf8").trim()]);
  });

  it("leave broken certificates out, which Java would refuse the whole store for", async () => {
    const broken = join(folder, "broken.pem");
    writeFileSync(
      broken,
      `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${readFileSync(otherCa, "utf8")}`,
    );
    const files = await writeTrustFiles({ folder: newHome(), caCertPath, base: { SSL_CERT_FILE: broken } });
    expect(readFileSync(files.bundlePath, "latin1")).not.toContain("AAAA\n-----END");
    expect(splitPem(readFileSync(files.bundlePath, "latin1"))).toContain(
      readFileSync(otherCa, "utf8").trim(),
    );
  });

  it("are written again only when stale: changed, cut short, missing", async () => {
    const target = newHome();
    const write = () => writeTrustFiles({ folder: target, caCertPath, base: {} });
    const files = await write();
    const inodes = (): number[] =>
      [files.bundlePath, files.javaTrustStorePath].map((path) => statSync(path).ino);
    const before = inodes();
    await write();
    expect(inodes()).toEqual(before);
    const whole = readFileSync(files.bundlePath);
    writeFileSync(files.bundlePath, whole.subarray(0, 1000));
    utimesSync(files.javaTrustStorePath, new Date(0), new Date(0));
    await write();
    expect(readFileSync(files.bundlePath)).toEqual(whole);
    expect(statSync(files.javaTrustStorePath).mtimeMs).toBeGreaterThan(0);
    rmSync(files.javaTrustStorePath);
    await write();
    expect(statSync(files.javaTrustStorePath).size).toBeGreaterThan(10_000);
  });

  it("are whole whenever they are there, with many writers at once", async () => {
    const target = newHome();
    await Promise.all(
      Array.from({ length: 8 }, () => writeTrustFiles({ folder: target, caCertPath, base: {} })),
    );
    const names = execFileSync("ls", ["-A", target], { encoding: "utf8" }).trim().split("\n");
    expect(names.sort()).toEqual(["bundle.pem", "truststore.jks", "wgetrc"]);
  });

  it("say what is wrong: no CA, a folder that can't be", async () => {
    const missing = writeTrustFiles({ folder: newHome(), caCertPath: join(folder, "none.pem"), base: {} });
    await expect(missing).rejects.toMatchObject({ code: "CA_UNUSABLE" });
    const blocked = writeTrustFiles({ folder: join(caCertPath, "below-a-file"), caCertPath, base: {} });
    await expect(blocked).rejects.toMatchObject({
      code: "IO_FAILED",
      hint: expect.stringContaining("--home"),
    });
  });

  it("are what prepareEnvironment names; a container gets no preload", async () => {
    const target = join(folder, "prepared");
    const variables = await prepareEnvironment({
      home: target,
      caCertPath,
      proxyUrl: "http://127.0.0.1:1",
      base: {},
      preload: false,
    });
    expect(variables.SSL_CERT_FILE).toBe(join(target, "ca", "bundle.pem"));
    expect(variables).not.toHaveProperty("NODE_OPTIONS");
    expect(variables.NODE_USE_ENV_PROXY).toBe("1");
    expect(new Set(Object.values(variables).filter((text) => text.endsWith(".pem")))).toEqual(
      new Set([join(target, "ca", "bundle.pem")]),
    );
  });
});
