import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { access, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rotateCa, showCa } from "../../src/operations/ca.js";
import { commandLine, installCa, uninstallCa } from "../../src/operations/ca-install.js";
import {
  ANCHOR_FOLDERS,
  anchorFolderStore,
  type Command,
  MACOS_STORE,
  type TrustStore,
  WINDOWS_STORE,
} from "../../src/operations/ca-trust-store.js";
import { CertificateAuthority } from "../../src/proxy/authority.js";

const run = promisify(execFile);

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-ca-"));
  return () => rm(home, { recursive: true, force: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the commands of each family", () => {
  it("are as its documentation has them", async () => {
    const { path, fingerprint256 } = await showCa({ home });
    const certificate = new X509Certificate(await readFile(path));
    const name = `trafficctl-${fingerprint256.replaceAll(":", "").slice(0, 8).toLowerCase()}`;
    const sha1 = certificate.fingerprint.replaceAll(":", "");
    const keychain = "/Library/Keychains/System.keychain";
    const redHat = `/etc/pki/ca-trust/source/anchors/${name}.pem`;
    const debian = `/usr/local/share/ca-certificates/${name}.crt`;
    const arch = `/etc/ca-certificates/trust-source/anchors/${name}.crt`;
    const suse = `/usr/share/pki/trust/anchors/${name}.pem`;
    const plans = [...ANCHOR_FOLDERS.map(anchorFolderStore), MACOS_STORE, WINDOWS_STORE].map((store) => ({
      store: store.name,
      add: store.add(certificate, path).map(commandLine),
      remove: store.remove([certificate]).map(commandLine),
    }));
    expect(plans).toEqual([
      {
        store: "Red Hat family",
        add: [`install -m 0644 ${path} ${redHat}`, "update-ca-trust extract"],
        remove: [`rm -f ${redHat}`, "update-ca-trust extract"],
      },
      {
        store: "Debian family",
        add: [`install -m 0644 ${path} ${debian}`, "update-ca-certificates"],
        remove: [
          `rm -f ${debian}`,
          `sh -ec 'conf=$(mktemp); trap "rm -f $conf" EXIT; cat /etc/ca-certificates.conf > $conf; ` +
            `printf "!%s\\n" ${name}.crt >> $conf; update-ca-certificates --certsconf $conf'`,
        ],
      },
      {
        store: "Alpine",
        add: [`install -m 0644 ${path} ${debian}`, "update-ca-certificates"],
        remove: [`rm -f ${debian}`, "update-ca-certificates"],
      },
      {
        store: "Arch family",
        add: [`install -m 0644 ${path} ${arch}`, "trust extract-compat"],
        remove: [`rm -f ${arch}`, "trust extract-compat"],
      },
      {
        store: "SUSE family",
        add: [`install -m 0644 ${path} ${suse}`, "update-ca-certificates"],
        remove: [`rm -f ${suse}`, "update-ca-certificates"],
      },
      {
        store: "macOS",
        add: [`security add-trusted-cert -d -r trustRoot -k ${keychain} ${path}`],
        remove: [`security delete-certificate -Z ${sha1} -t ${keychain}`],
      },
      {
        store: "Windows",
        add: [`certutil -addstore -f ROOT ${path}`],
        remove: [`certutil -delstore ROOT ${sha1}`],
      },
    ]);
  });

  it.each([
    [["rm", "-f", "/a/b.crt"], "rm -f /a/b.crt"],
    [["rm", "/home/my files/it's"], "rm '/home/my files/it'\\''s'"],
    [["x", ""], "x ''"],
    [["x", "$(reboot)", "~"], "x '$(reboot)' '~'"],
  ] as [Command, string][])("%j is shown as %s", async (command, line) => {
    expect(commandLine(command)).toBe(line);
    const { stdout } = await run("sh", ["-c", `printf '%s\\n' ${line}`]);
    expect(stdout).toBe(`${command.join("\n")}\n`);
  });
});

describe("install and uninstall with a store in a folder", () => {
  const store = (changes: Partial<TrustStore> = {}): TrustStore => {
    const anchors = join(home, "anchors");
    const update = ["touch", join(home, "updated")] as const;
    const base = anchorFolderStore({ name: "test family", folder: anchors, extension: ".crt", update });
    return { ...base, needsRoot: false, ...changes };
  };
  beforeEach(() => mkdir(join(home, "anchors")));

  it("runs the commands that it says, in order, each said before it runs", async () => {
    const said: string[] = [];
    const onCommand = (line: string) => {
      said.push(`${line} (${existsSync(join(home, "updated")) ? "updated" : "not updated"})`);
    };
    const result = await installCa({ home, store: store(), onCommand });
    expect(said).toEqual(result.commands.map((line) => `${line} (not updated)`));
    expect(result).toMatchObject({ store: "test family", dryRun: false, warnings: [] });
    const [name] = await readdir(join(home, "anchors"));
    expect(name).toMatch(/^trafficctl-[0-9a-f]{8}\.crt$/);
    expect(await readFile(join(home, "anchors", name ?? ""), "utf8")).toBe(
      await readFile(join(home, "ca/ca.pem"), "utf8"),
    );
    await access(join(home, "updated"));

    await installCa({ home, store: store() });
    await uninstallCa({ home, store: store() });
    expect(await readdir(join(home, "anchors"))).toEqual([]);
    expect(await uninstallCa({ home, store: store() })).toMatchObject({ commands: [] });
  });

  it("takes out what rotation has replaced as well", async () => {
    await installCa({ home, store: store() });
    await rotateCa({ home });
    await installCa({ home, store: store() });
    expect(await readdir(join(home, "anchors"))).toHaveLength(2);
    const { commands } = await uninstallCa({ home, store: store() });
    expect(commands).toHaveLength(2);
    expect(await readdir(join(home, "anchors"))).toEqual([]);
  });

  it("only says what it would do in a dry run, root or not", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    const onCommand = vi.fn();
    const result = await installCa({ home, store: store({ needsRoot: true }), dryRun: true, onCommand });
    expect(result.dryRun).toBe(true);
    expect(result.commands).toHaveLength(2);
    expect(onCommand).not.toHaveBeenCalled();
    expect(await readdir(join(home, "anchors"))).toEqual([]);
  });

  it("gives a user who is not root the line for sudo", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    const error = await installCa({ home, store: store({ needsRoot: true }) }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "CA_INSTALL_FAILED",
      hint: expect.stringMatching(/^run: sudo install -m 0644 \S+ca\.pem \S+\.crt && sudo touch \S+updated$/),
    });
    expect(await readdir(join(home, "anchors"))).toEqual([]);
  });

  it("says which command failed and what it said", async () => {
    const failing = store({ add: () => [["sh", "-c", "echo no room in the store >&2; exit 3"]] });
    await expect(installCa({ home, store: failing })).rejects.toMatchObject({
      code: "CA_INSTALL_FAILED",
      message: expect.stringMatching(/failed \(3\): no room in the store$/),
    });
    const killed = store({ add: () => [["sh", "-c", "kill -9 $$"]] });
    await expect(installCa({ home, store: killed })).rejects.toThrow("failed (SIGKILL)");
  });

  it("says what to install where a program is missing, and runs nothing after it", async () => {
    const onCommand = vi.fn(() => writeFileSync(join(home, "called"), ""));
    const missing = store({ add: () => [["no-such-program"], ["true"]] });
    await expect(installCa({ home, store: missing, onCommand })).rejects.toMatchObject({
      code: "CA_INSTALL_FAILED",
      message: expect.stringMatching(/^no-such-program could not be run \((ENOENT|EACCES)\)$/),
      hint: expect.stringContaining("ca-certificates"),
    });
    expect(onCommand).toHaveBeenCalledTimes(1);
  });

  it("never makes a CA only to take it out", async () => {
    expect(await uninstallCa({ home, store: store() })).toMatchObject({
      commands: [],
      trustedBySystem: "no",
    });
    expect(existsSync(join(home, "ca"))).toBe(false);
  });
});

const isRootOnDebian =
  process.getuid?.() === 0 &&
  existsSync("/etc/debian_version") &&
  existsSync("/usr/sbin/update-ca-certificates");

describe.runIf(isRootOnDebian)("install and uninstall for real (as root on Debian)", () => {
  const bundle = "/etc/ssl/certs/ca-certificates.crt";

  /** Whatever becomes of the code under test: no CA stays trusted whose key lies in a temporary folder. */
  async function cleanUp(anchor: string): Promise<void> {
    if (!existsSync(anchor)) return;
    await rm(anchor, { force: true });
    await run("update-ca-certificates", ["--fresh"]);
  }

  /** What Debian's Java trusts; empty where there is no Java. */
  async function trustedByJava(): Promise<string> {
    if (!existsSync("/etc/ssl/certs/java/cacerts")) return "";
    const options = ["-list", "-keystore", "/etc/ssl/certs/java/cacerts", "-storepass", "changeit"];
    return (await run("keytool", options, { maxBuffer: 10_000_000 })).stdout;
  }

  it("makes openssl and curl trust the CA, and leaves the system as it was", async () => {
    const before = await readFile(bundle, "utf8");
    const linksBefore = (await readdir("/etc/ssl/certs")).sort();
    const { path, fingerprint256 } = await showCa({ home });
    const name = `trafficctl-${fingerprint256.replaceAll(":", "").slice(0, 8).toLowerCase()}.crt`;
    const anchor = join("/usr/local/share/ca-certificates", name);
    const authority = await CertificateAuthority.open(join(home, "ca"));
    const server = createServer({ SNICallback: (host, done) => done(null, authority.contextFor(host)) });
    server.on("request", (_request, response) => response.end("ok"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const environment = { PATH: process.env.PATH };
    const curl = () => run("curl", ["--silent", "--show-error", "--noproxy", "*", url], { env: environment });
    const verify = () => run("openssl", ["verify", path], { env: environment });
    try {
      await expect(curl()).rejects.toThrow("certificate");
      await expect(verify()).rejects.toThrow();
      const installed = await installCa({ home });
      expect(installed).toMatchObject({ store: "Debian family", trustedBySystem: "yes" });
      expect((await showCa({ home })).trustedBySystem).toBe("yes");
      expect((await curl()).stdout).toBe("ok");
      expect((await verify()).stdout.trim()).toBe(`${path}: OK`);
      const rotated = await rotateCa({ home });
      expect(rotated).toMatchObject({ trustedBySystem: "no", previousTrustedBySystem: "yes" });
    } finally {
      server.close();
      server.closeAllConnections();
      await uninstallCa({ home }).finally(() => cleanUp(anchor));
    }
    await expect(curl()).rejects.toThrow();
    expect(await readFile(bundle, "utf8")).toBe(before);
    expect((await readdir("/etc/ssl/certs")).sort()).toEqual(linksBefore);
    expect(await trustedByJava()).not.toContain("trafficctl");
    expect((await showCa({ home })).trustedBySystem).toBe("no");
  }, 120_000);
});
