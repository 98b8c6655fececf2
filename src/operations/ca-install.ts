// `trafficctl ca install` and `uninstall`: the CA's certificate into the system's trust store, and out of it.
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { CertificateAuthority } from "../proxy/authority.js";
import { type CaInput, caFolder } from "./ca.js";
import {
  type Command,
  findTrustStore,
  isTrustedBySystem,
  readCertificate,
  type Trust,
  type TrustStore,
} from "./ca-trust-store.js";

export interface CaInstallInput extends CaInput {
  /** Only say what would be run. */
  readonly dryRun?: boolean;
  /** Called with each command line before it is run. */
  readonly onCommand?: (commandLine: string) => void;
  /** The store to use; the machine's own by default. */
  readonly store?: TrustStore;
}

export interface CaInstallResult {
  /** Which family's store it is. */
  readonly store: string;
  /** The command lines that were run, or would be. */
  readonly commands: readonly string[];
  readonly dryRun: boolean;
  /** Whether the system trusts the CA now. */
  readonly trustedBySystem: Trust;
  readonly warnings: readonly string[];
}

/**
 * Makes the system trust the CA, which is made first where there is none.
 * @throws TrafficError CA_INSTALL_FAILED (no known store, no right to, a command that failed), CA_UNUSABLE
 */
export async function installCa(input: CaInstallInput): Promise<CaInstallResult> {
  const authority = await CertificateAuthority.open(caFolder(input.home));
  const store = await storeOf(input);
  const commands = store.add(new X509Certificate(authority.certPem), authority.certPath);
  await runAll(commands, store, input);
  return result(commands, store, input, await isTrustedBySystem(authority.certPath), authority.warnings);
}

/**
 * Takes the CA, and those it replaced, out of the system's trust store. The CA itself stays.
 * @throws TrafficError CA_INSTALL_FAILED
 */
export async function uninstallCa(input: CaInstallInput): Promise<CaInstallResult> {
  const store = await storeOf(input);
  const paths = await certificatePaths(caFolder(input.home));
  const installed = await keepInstalled(store, paths);
  const commands = installed.length === 0 ? [] : store.remove(installed);
  await runAll(commands, store, input);
  const [current] = paths;
  return result(commands, store, input, current === undefined ? "no" : await isTrustedBySystem(current), []);
}

async function storeOf(input: CaInstallInput): Promise<TrustStore> {
  const store = input.store ?? (await findTrustStore());
  if (store !== undefined) return store;
  throw new TrafficError("CA_INSTALL_FAILED", "no trust store of a known kind was found on this system", {
    hint: "import the file that `trafficctl ca path` prints by the means of this system",
  });
}

/** The certificate in use, then those that rotation has put aside. */
async function certificatePaths(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const certificates = names.filter((name) => /^ca(-.*)?\.pem$/.test(name));
  return certificates
    .sort((a, b) => a.length - b.length || a.localeCompare(b))
    .map((name) => join(folder, name));
}

/** A file that was damaged, and for that put aside, was never installed by us. */
async function keepInstalled(store: TrustStore, paths: readonly string[]): Promise<X509Certificate[]> {
  const installed: X509Certificate[] = [];
  for (const path of paths) {
    const certificate = await readCertificate(path);
    if (certificate !== undefined && (await isInstalled(store, certificate, path)))
      installed.push(certificate);
  }
  return installed;
}

async function isInstalled(store: TrustStore, certificate: X509Certificate, path: string): Promise<boolean> {
  const file = store.fileFor?.(certificate);
  if (file === undefined) return (await isTrustedBySystem(path)) !== "no";
  return access(file).then(
    () => true,
    () => false,
  );
}

async function runAll(commands: readonly Command[], store: TrustStore, input: CaInstallInput): Promise<void> {
  if (input.dryRun === true || commands.length === 0) return;
  if (store.needsRoot && process.getuid?.() !== 0) throw needsRoot(commands, store);
  for (const command of commands) {
    input.onCommand?.(commandLine(command));
    await run(command, store);
  }
}

function needsRoot(commands: readonly Command[], store: TrustStore): TrafficError {
  const lines = commands.map((command) => `sudo ${commandLine(command)}`).join(" && ");
  return new TrafficError(
    "CA_INSTALL_FAILED",
    `only root may change the trust store of this system (${store.name})`,
    {
      hint: `run: ${lines}`,
    },
  );
}

async function run(command: Command, store: TrustStore): Promise<void> {
  const [program, ...args] = command;
  const { code, output } = await finished(program, args, store);
  if (code === 0) return;
  const said = output.trim() === "" ? "" : `: ${output.trim().split("\n").slice(-3).join("; ")}`;
  throw new TrafficError("CA_INSTALL_FAILED", `\`${commandLine(command)}\` failed (${code})${said}`, {
    hint:
      process.platform === "win32"
        ? "run it in a prompt that was opened as administrator"
        : "what was done so far is undone by `trafficctl ca uninstall`",
  });
}

async function finished(
  program: string,
  args: string[],
  store: TrustStore,
): Promise<{ code: string | number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keepTail = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on("data", keepTail);
    child.stderr.on("data", keepTail);
    child.once("error", (cause) => {
      const why = systemCode(cause) ?? cause.message;
      const options = store.missingHint === undefined ? { cause } : { cause, hint: store.missingHint };
      reject(new TrafficError("CA_INSTALL_FAILED", `${program} could not be run (${why})`, options));
    });
    child.once("close", (code, signal) => resolve({ code: code ?? signal ?? "unknown", output }));
  });
}

/** As a POSIX shell takes it. */
export function commandLine(command: Command): string {
  return command
    .map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

function result(
  commands: readonly Command[],
  store: TrustStore,
  input: CaInstallInput,
  trustedBySystem: Trust,
  warnings: readonly string[],
): CaInstallResult {
  return {
    store: store.name,
    commands: commands.map(commandLine),
    dryRun: input.dryRun === true,
    trustedBySystem,
    warnings,
  };
}
