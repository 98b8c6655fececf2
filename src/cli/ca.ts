// `trafficctl ca ...`: flags to the CA's operations, their results to text or JSON.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import type { CaFormat, KeyType } from "../operations/ca.js";
import type { CaInstallInput } from "../operations/ca-install.js";
import { describe, describeInstall } from "./ca-text.js";
import { type CommonOptions, commonCommand, homeOf, writeOut } from "./output.js";

/** The `ca` command with its subcommands. */
export function caCommand(): Command {
  const ca = new Command("ca").description("the certificate authority that clients of the proxy must trust");
  for (const subcommand of [
    pathCommand,
    showCommand,
    exportCommand,
    installCommand,
    uninstallCommand,
    rotateCommand,
  ]) {
    ca.addCommand(subcommand());
  }
  return ca.addHelpText(
    "after",
    `
It is made on first use, for this user alone, and its key stays in the home folder.

Examples:
  $ curl --proxy localhost:8080 --cacert "$(trafficctl ca path)" https://example.com/
  $ trafficctl ca show
  $ trafficctl ca install      (says the sudo line where it needs one)
`,
  );
}

function pathCommand(): Command {
  return commonCommand("path", "print the path of the certificate (PEM)")
    .action(async (options: CommonOptions) => {
      const { caPath } = await import("../operations/ca.js");
      const found = await caPath({ home: await homeOf(options) });
      warn(found.warnings);
      await print(options, { path: found.path, created: found.created }, found.path);
    })
    .addHelpText("after", '\nExample:\n  $ export NODE_EXTRA_CA_CERTS="$(trafficctl ca path)"\n');
}

function showCommand(): Command {
  return commonCommand("show", "print what the certificate says, and whether the system trusts it")
    .action(async (options: CommonOptions) => {
      const { showCa } = await import("../operations/ca.js");
      const facts = await showCa({ home: await homeOf(options) });
      warn(facts.warnings);
      await print(options, facts, describe(facts));
    })
    .addHelpText("after", "\nExample:\n  $ trafficctl ca show --json\n");
}

interface ExportOptions extends CommonOptions {
  readonly format: CaFormat;
  readonly output?: string;
  readonly password?: string;
  readonly withKey?: boolean;
}

function exportCommand(): Command {
  return commonCommand("export", "write a copy of the certificate, to stdout by default")
    .addOption(
      new Option("-f, --format <format>", "form of the copy").choices(["pem", "der", "p12"]).default("pem"),
    )
    .option("-o, --output <file>", "write there")
    .option("--password <password>", 'password of a p12 file (default: "changeit")')
    .option("--with-key", "put the private key into the p12 file too; asks for a password of your own")
    .action(async (options: ExportOptions) => {
      refuseTerminal(options);
      const { exportCa } = await import("../operations/ca.js");
      const exported = await exportCa({
        home: await homeOf(options),
        format: options.format,
        privateKey: options.withKey === true,
        ...(options.password === undefined ? {} : { password: options.password }),
        ...(options.output === undefined ? {} : { output: options.output }),
      });
      warn(exported.warnings);
      await printExport(options, exported.bytes);
    })
    .addHelpText(
      "after",
      `
Examples:
  $ trafficctl ca export > trafficctl-ca.pem
  $ trafficctl ca export --format der -o trafficctl-ca.cer       (Windows, Android)
  $ trafficctl ca export --format p12 -o trafficctl-ca.p12       (a trust store for Java 9 and later)
`,
    );
}

interface InstallOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

function installCommand(): Command {
  return commonCommand(
    "install",
    "make this system trust the certificate (Debian, Red Hat, Arch, SUSE, macOS, Windows)",
  )
    .option("--dry-run", "only print what would be run")
    .action(async (options: InstallOptions) => {
      const { installCa } = await import("../operations/ca-install.js");
      const result = await installCa(await installInput(options));
      warn(result.warnings);
      await print(options, result, describeInstall(result, "installed"));
    })
    .addHelpText(
      "after",
      `
Needs root, or an administrator's prompt on Windows. Firefox, and Chromium on Linux, look into stores of their own:
  $ certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n trafficctl -i "$(trafficctl ca path)"

Examples:
  $ trafficctl ca install --dry-run
  $ trafficctl ca install      (not as root: says the sudo line to run)
`,
    );
}

function uninstallCommand(): Command {
  return commonCommand("uninstall", "undo install, also for certificates that rotate has replaced")
    .option("--dry-run", "only print what would be run")
    .action(async (options: InstallOptions) => {
      const { uninstallCa } = await import("../operations/ca-install.js");
      const result = await uninstallCa(await installInput(options));
      await print(options, result, describeInstall(result, "uninstalled"));
    })
    .addHelpText("after", "\nExample:\n  $ trafficctl ca uninstall --dry-run\n");
}

interface RotateOptions extends CommonOptions {
  readonly keyType: KeyType;
}

function rotateCommand(): Command {
  return commonCommand("rotate", "make a new CA in place of this one; the old key is deleted")
    .addOption(new Option("--key-type <type>", "type of the new key").choices(["ec", "rsa"]).default("ec"))
    .action(async (options: RotateOptions) => {
      const { rotateCa } = await import("../operations/ca.js");
      const rotated = await rotateCa({ home: await homeOf(options), keyType: options.keyType });
      warn([
        ...rotated.warnings,
        "clients must trust the new certificate; a proxy that runs keeps the old one",
      ]);
      if (rotated.previousTrustedBySystem === "yes") {
        warn(["the system still trusts the old certificate: `trafficctl ca uninstall` takes it out"]);
      }
      const kept = rotated.previousPath === undefined ? [] : [`replaced      ${rotated.previousPath}`];
      await print(options, rotated, [describe(rotated), ...kept].join("\n"));
    })
    .addHelpText(
      "after",
      "\nExample:\n  $ trafficctl ca rotate --key-type rsa      (for clients that know no ECDSA)\n",
    );
}

async function installInput(options: InstallOptions): Promise<CaInstallInput> {
  const { SUDO_USER, TRAFFICCTL_HOME } = process.env;
  if (SUDO_USER !== undefined && options.home === undefined && TRAFFICCTL_HOME === undefined) {
    warn([
      `under sudo this is root's CA, not ${SUDO_USER}'s: without sudo this command says the line to run`,
    ]);
  }
  return {
    home: await homeOf(options),
    dryRun: options.dryRun === true,
    onCommand: (line) => process.stderr.write(`$ ${line}\n`),
  };
}

function refuseTerminal(options: ExportOptions): void {
  if (options.format === "pem" || options.output !== undefined || options.json === true) return;
  if (process.stdout.isTTY !== true) return;
  throw new TrafficError("BAD_OPTION", `${options.format} is binary and stdout is a terminal`, {
    hint: `write it to a file: trafficctl ca export --format ${options.format} -o trafficctl-ca.${options.format}`,
  });
}

async function printExport(options: ExportOptions, bytes: Buffer): Promise<void> {
  if (options.output !== undefined) {
    const path = resolve(options.output);
    await print(options, { format: options.format, path, bytes: bytes.length }, path);
  } else if (options.json === true) {
    await print(options, { format: options.format, base64: bytes.toString("base64") }, "");
  } else {
    await writeOut(bytes);
  }
}

async function print(options: CommonOptions, json: object, text: string): Promise<void> {
  await writeOut(options.json === true ? `${JSON.stringify(json)}\n` : `${text}\n`);
}

function warn(sentences: readonly string[]): void {
  for (const sentence of sentences) process.stderr.write(`warning: ${sentence}\n`);
}
