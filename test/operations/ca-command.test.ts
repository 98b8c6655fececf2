import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { caCommand } from "../../src/cli/ca.js";

let home: string;
let stdout: Buffer[];
let stderr: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-ca-"));
  stdout = [];
  stderr = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk, ...rest) => {
    stdout.push(Buffer.from(chunk));
    for (const argument of rest) if (typeof argument === "function") argument();
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    stderr.push(String(chunk));
    return true;
  });
  return () => rm(home, { recursive: true, force: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** @returns what went to stdout */
async function ca(...args: string[]): Promise<Buffer> {
  stdout = [];
  await caCommand().parseAsync([...args, "--home", home], { from: "user" });
  return Buffer.concat(stdout);
}

describe("trafficctl ca", () => {
  it("path prints the path and nothing else", async () => {
    const path = join(home, "ca/ca.pem");
    expect((await ca("path")).toString()).toBe(`${path}\n`);
    expect(JSON.parse((await ca("path", "--json")).toString())).toEqual({ path, created: false });
    expect(stderr).toEqual([]);
  });

  it("show prints each fact on a line", async () => {
    const facts = JSON.parse((await ca("show", "--json")).toString());
    const text = (await ca("show")).toString();
    for (const fact of ["subject", "serialNumber", "fingerprint256", "spkiFingerprint", "path"]) {
      expect(text).toContain(`  ${facts[fact]}\n`);
    }
    expect(text).toMatch(/^trusted +(not by this system|unknown)$/m);
  });

  it("export writes PEM and DER to stdout, and files where it is told", async () => {
    const pem = await ca("export");
    expect(pem.equals(await readFile(join(home, "ca/ca.pem")))).toBe(true);
    const der = await ca("export", "--format", "der");
    expect(new X509Certificate(der).raw.equals(new X509Certificate(pem).raw)).toBe(true);
    const file = join(home, "copy.p12");
    expect((await ca("export", "-f", "p12", "-o", file)).toString()).toBe(`${file}\n`);
    const said = JSON.parse((await ca("export", "-f", "der", "--json")).toString());
    expect(Buffer.from(said.base64, "base64").equals(der)).toBe(true);
  });

  it("export keeps binary off a terminal", async () => {
    const before = process.stdout.isTTY;
    process.stdout.isTTY = true;
    onTestFinished(() => {
      process.stdout.isTTY = before;
    });
    await expect(ca("export", "--format", "p12")).rejects.toMatchObject({
      code: "BAD_OPTION",
      hint: expect.stringContaining("-o trafficctl-ca.p12"),
    });
    expect((await ca("export")).toString()).toContain("BEGIN CERTIFICATE");
  });

  it("rotate says what was replaced and what is to do", async () => {
    await ca("path");
    const text = (await ca("rotate", "--key-type", "rsa")).toString();
    expect(text).toMatch(/^key +RSA$/m);
    expect(text).toMatch(/^replaced +.*ca-\d{4}-\d\d-\d\d\.pem$/m);
    expect(stderr.join("")).toContain("clients must trust the new certificate");
  });

  it("warns on stderr of files that were open to others", async () => {
    await ca("path");
    await chmod(join(home, "ca/ca.key"), 0o640);
    await ca("path");
    expect(stderr.join("")).toMatch(/^warning: .*ca\.key was open to other users \(mode 640\)/);
  });

  it("warns that sudo changes whose CA it is", async () => {
    vi.stubEnv("SUDO_USER", "alice");
    vi.stubEnv("XDG_DATA_HOME", home);
    vi.stubEnv("TRAFFICCTL_HOME", undefined);
    await caCommand().parseAsync(["uninstall", "--dry-run"], { from: "user" });
    expect(stderr.join("")).toContain("this is root's CA, not alice's");
  });

  it("has help with an example for every subcommand", () => {
    for (const command of caCommand().commands) {
      let help = "";
      command.configureOutput({
        writeOut: (text) => {
          help += text;
        },
      });
      command.outputHelp();
      expect(help).toMatch(/Examples?:\n {2}\$ /);
      expect(help).toContain("--json");
      expect(help).toContain("--home <dir>");
    }
  });
});
