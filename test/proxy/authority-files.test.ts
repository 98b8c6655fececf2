import { type ChildProcess, fork } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { CertificateAuthority } from "../../src/proxy/authority.js";
import { run, tempFolder } from "./authority-support.js";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => {
  folder = join(await tempFolder(), "home", "ca");
});

const file = (name: string) => join(folder, name);
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe("open", () => {
  it("makes the files once, the key for its user alone", async () => {
    const made = await CertificateAuthority.open(folder);
    expect(made.created).toBe(true);
    expect(made.certPath).toBe(file("ca.pem"));
    expect(made.warnings).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(["ca.key", "ca.pem"]);
    expect(await mode(folder)).toBe("700");
    expect(await mode(file("ca.key"))).toBe("600");
    expect(await mode(file("ca.pem"))).toBe("644");
    expect(await readFile(file("ca.key"), "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----/);

    const loaded = await CertificateAuthority.open(folder, { keyType: "rsa" });
    expect(loaded.created).toBe(false);
    expect(loaded.keyType).toBe("ec");
    expect(loaded.certPem).toBe(made.certPem);
    expect(await readFile(file("ca.pem"), "utf8")).toBe(made.certPem);
  });

  it("makes different authorities for different folders", async () => {
    const one = await CertificateAuthority.open(folder);
    const two = await CertificateAuthority.open(await tempFolder());
    expect(new X509Certificate(one.certPem).subject).not.toBe(new X509Certificate(two.certPem).subject);
    expect(one.spkiFingerprint).not.toBe(two.spkiFingerprint);
  });

  it("is one authority however many start at once in one process", async () => {
    const opened = await Promise.all(Array.from({ length: 12 }, () => CertificateAuthority.open(folder)));
    expect(new Set(opened.map((authority) => authority.fingerprint256)).size).toBe(1);
    expect(opened.filter((authority) => authority.created)).toHaveLength(1);
    expect((await readdir(folder)).sort()).toEqual(["ca.key", "ca.pem"]);
  });

  it("is one authority however many processes start at once", async () => {
    const script = await compiledOpener();
    const processes = Array.from({ length: 4 }, () => fork(script, [], { silent: true }));
    // All have loaded their code before any begins.
    await Promise.all(processes.map((child) => nextMessage(child)));
    for (const child of processes) child.send(folder);
    const opened = await Promise.all(processes.map((child) => nextMessage(child)));
    const fingerprints = new Set(opened.map((message) => message.fingerprint));
    expect(fingerprints.size).toBe(1);
    expect(fingerprints).toContain((await CertificateAuthority.open(folder)).fingerprint256);
    expect((await readdir(folder)).sort()).toEqual(["ca.key", "ca.pem"]);
  });

  it("completes what a process that was killed after the key left behind", async () => {
    const before = await CertificateAuthority.open(folder);
    await rm(file("ca.pem"));
    await writeFile(file(".ca.0123456789abcdef.tmp"), "half a k", { mode: 0o600 });
    const after = await CertificateAuthority.open(folder);
    expect(after.created).toBe(true);
    expect(after.spkiFingerprint).toBe(before.spkiFingerprint);
  });

  it("closes a key and a folder that were open to others, and says so", async () => {
    await CertificateAuthority.open(folder);
    await chmod(file("ca.key"), 0o644);
    await chmod(folder, 0o775);
    const { warnings } = await CertificateAuthority.open(folder);
    expect(warnings).toEqual([
      `${folder} was open to other users (mode 775); it no longer is`,
      `${file("ca.key")} was open to other users (mode 644); it no longer is`,
    ]);
    expect(await mode(file("ca.key"))).toBe("600");
    expect(await mode(folder)).toBe("755");
    expect((await CertificateAuthority.open(folder)).warnings).toEqual([]);
  });
});

describe("files that cannot be used", () => {
  const cases: [string, () => Promise<void>, string, string][] = [
    ["a damaged key", () => writeFile(file("ca.key"), "nonsense"), "ca.key", "holds no private key"],
    ["an empty key", () => writeFile(file("ca.key"), ""), "ca.key", "holds no private key"],
    ["a damaged certificate", () => writeFile(file("ca.pem"), "nonsense"), "ca.pem", "holds no certificate"],
    ["a missing key", () => rm(file("ca.key")), "ca.key", "is missing"],
    ["the key of another", () => keyOfAnother(), "ca.key", "is not the key of"],
    [
      "a key that cannot sign",
      () => openssl("genpkey -algorithm ed25519 -out KEY"),
      "ca.key",
      "type ed25519",
    ],
    ["a folder for a key", () => folderForKey(), "ca.key", "EISDIR"],
    [
      "a leaf",
      () => selfSigned("-addext basicConstraints=critical,CA:FALSE"),
      "ca.pem",
      "not the certificate of an authority",
    ],
    ["one that has ended", () => clockSays("2055-01-01"), "ca.pem", "ended on"],
    ["one that has not begun", () => clockSays("2020-01-01"), "ca.pem", "is the clock right?"],
  ];

  it.each(cases)(
    "%s: the error names the file and what to do, and rotate mends it",
    async (_case, damage, name, problem) => {
      const whole = await CertificateAuthority.open(folder);
      await damage();
      const error = await CertificateAuthority.open(folder).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: "TrafficError", code: "CA_UNUSABLE" });
      expect(error).toHaveProperty("message", expect.stringContaining(file(name)));
      expect(error).toHaveProperty("message", expect.stringContaining(problem));
      expect(error).toHaveProperty("hint", expect.stringMatching(/ca rotate|--home/));

      if (problem === "EISDIR") return;
      const { authority } = await CertificateAuthority.rotate(folder);
      expect(authority.fingerprint256).not.toBe(whole.fingerprint256);
      expect((await CertificateAuthority.open(folder)).fingerprint256).toBe(authority.fingerprint256);
    },
  );

  it.skipIf(isRoot)("a folder without write permission (root writes everywhere)", async () => {
    await mkdir(dirname(folder), { recursive: true, mode: 0o500 });
    await expect(CertificateAuthority.open(folder)).rejects.toMatchObject({ code: "CA_UNUSABLE" });
  });

  it("a home that is a file", async () => {
    await writeFile(dirname(folder), "");
    await expect(CertificateAuthority.open(folder)).rejects.toMatchObject({
      code: "CA_UNUSABLE",
      message: `${folder} cannot be used (ENOTDIR)`,
    });
  });

  async function keyOfAnother(): Promise<void> {
    const other = await tempFolder();
    await CertificateAuthority.open(other);
    await writeFile(file("ca.key"), await readFile(join(other, "ca.key")));
  }

  async function folderForKey(): Promise<void> {
    await rm(file("ca.key"));
    await mkdir(file("ca.key"));
  }

  function clockSays(date: string): Promise<void> {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(date) });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    return Promise.resolve();
  }

  /** With the key in place. */
  async function selfSigned(options: string): Promise<void> {
    await openssl(`req -x509 -key KEY -subj /CN=x -out PEM ${options}`);
  }

  async function openssl(command: string): Promise<void> {
    const names = new Map([
      ["KEY", file("ca.key")],
      ["PEM", file("ca.pem")],
    ]);
    await run(
      "openssl",
      command.split(" ").map((word) => names.get(word) ?? word),
    );
  }
});

describe("rotate", () => {
  it("makes a new one, keeps the old certificate, and deletes the old key", async () => {
    const old = await CertificateAuthority.open(folder);
    const oldKey = await readFile(file("ca.key"), "utf8");
    await leftBehind(oldKey, 10);
    const { authority, previous } = await CertificateAuthority.rotate(folder, { keyType: "rsa" });
    const date = new Date().toISOString().slice(0, 10);
    expect(previous).toBe(file(`ca-${date}.pem`));
    expect(await readFile(previous ?? "", "utf8")).toBe(old.certPem);
    expect(authority).toMatchObject({ created: true, keyType: "rsa", certPath: file("ca.pem") });
    expect(authority.fingerprint256).not.toBe(old.fingerprint256);
    expect(await mode(file("ca.key"))).toBe("600");

    const again = await CertificateAuthority.rotate(folder);
    expect(again.previous).toBe(file(`ca-${date}-2.pem`));
    const names = (await readdir(folder)).sort();
    expect(names).toEqual([`ca-${date}-2.pem`, `ca-${date}.pem`, "ca.key", "ca.pem"]);
    for (const name of names) expect(await readFile(file(name), "utf8")).not.toContain(oldKey);
  });

  it("leaves alone what another process may be about to put in place", async () => {
    const young = await leftBehind("x", 0);
    await CertificateAuthority.rotate(folder);
    expect(await readFile(young, "utf8")).toBe("x");
  });

  async function leftBehind(content: string, minutes: number): Promise<string> {
    await mkdir(folder, { recursive: true });
    const path = file(".ca.0123456789abcdef.tmp");
    const then = new Date(Date.now() - minutes * 60_000);
    await writeFile(path, content, { mode: 0o600 });
    await utimes(path, then, then);
    return path;
  }

  it("makes the first where there is none", async () => {
    const { authority, previous } = await CertificateAuthority.rotate(folder);
    expect(previous).toBeUndefined();
    expect((await CertificateAuthority.open(folder)).fingerprint256).toBe(authority.fingerprint256);
  });

  it("leaves a whole authority to those who open it meanwhile", async () => {
    await CertificateAuthority.open(folder);
    let done = false;
    const rotate = async () => {
      try {
        for (let count = 0; count < 20; count++) await CertificateAuthority.rotate(folder);
      } finally {
        done = true;
      }
    };
    const openMeanwhile = async () => {
      while (!done) await CertificateAuthority.open(folder);
    };
    const outcomes = await Promise.allSettled([rotate(), openMeanwhile(), openMeanwhile()]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "fulfilled" });
    const certificate = new X509Certificate(await readFile(file("ca.pem")));
    expect(certificate.checkPrivateKey(createPrivateKey(await readFile(file("ca.key"))))).toBe(true);
  });
});

interface Message {
  readonly fingerprint?: string;
}

function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    child.once("message", (message: Message) => resolve(message));
    child.once("exit", (code) => reject(new Error(`the process ended with ${code}: ${said}`)));
  });
}

/** A script for Node as it is: says that it is ready, opens the folder it is told, and says which CA it got. */
async function compiledOpener(): Promise<string> {
  const out = await tempFolder();
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: false,
      outDir: out,
      rootDir: root,
      typeRoots: [join(root, "node_modules/@types")],
    },
    include: [],
    files: [join(root, "src/proxy/authority.ts")],
  };
  await writeFile(join(out, "tsconfig.json"), JSON.stringify(config));
  await run(process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    join(out, "tsconfig.json"),
  ]);
  await symlink(join(root, "node_modules"), join(out, "node_modules"));
  await writeFile(join(out, "package.json"), '{"type":"module"}');
  const script = join(out, "open.js");
  await writeFile(
    script,
    `import { CertificateAuthority } from "./src/proxy/authority.js";
process.once("message", async (folder) => {
  const authority = await CertificateAuthority.open(folder);
  process.send({ fingerprint: authority.fingerprint256 }, () => process.exit());
});
process.send({});
`,
  );
  return script;
}
