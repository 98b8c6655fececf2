// The system's trust store: what adds a certificate to it and takes it away, by family of systems, and whether it
// is there. Plans are data, so that what is shown is what is run.

import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

export type Trust = "yes" | "no" | "unknown";

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

export interface TrustStore {
  /** For people: `Debian family`. */
  readonly name: string;
  readonly needsRoot: boolean;
  /** What to do where its programs are missing. */
  readonly missingHint?: string;
  /** The file of a certificate, where the store is a folder. */
  fileFor?(certificate: X509Certificate): string;
  add(certificate: X509Certificate, path: string): Command[];
  remove(certificates: readonly X509Certificate[]): Command[];
}

interface AnchorFolder {
  readonly name: string;
  readonly folder: string;
  readonly extension: string;
  readonly update: Command;
  /** Where taking files away needs more than `update`; the names of the files that are gone. */
  readonly forget?: (names: readonly string[]) => Command;
  /** A file that tells the family from another with the same folder. */
  readonly marker?: string;
}

/** The folders of the Linux families, as mkcert looks for them too; the first that exists is the system's. */
export const ANCHOR_FOLDERS: readonly AnchorFolder[] = [
  {
    name: "Red Hat family",
    folder: "/etc/pki/ca-trust/source/anchors",
    extension: ".pem",
    update: ["update-ca-trust", "extract"],
  },
  {
    name: "Debian family",
    folder: "/usr/local/share/ca-certificates",
    extension: ".crt",
    update: ["update-ca-certificates"],
    forget: forgetOnDebian,
    marker: "/etc/debian_version",
  },
  {
    name: "Alpine",
    folder: "/usr/local/share/ca-certificates",
    extension: ".crt",
    update: ["update-ca-certificates"],
  },
  {
    name: "Arch family",
    folder: "/etc/ca-certificates/trust-source/anchors",
    extension: ".crt",
    update: ["trust", "extract-compat"],
  },
  {
    name: "SUSE family",
    folder: "/usr/share/pki/trust/anchors",
    extension: ".pem",
    update: ["update-ca-certificates"],
  },
];

/**
 * Without more, update-ca-certificates overlooks that a file is gone from /usr/local/share: its link stays, and
 * its hooks are not told, so that Java goes on trusting the CA (seen on Debian 12). A line with `!` in its
 * configuration says so (update-ca-certificates(8)); it goes into a copy.
 */
function forgetOnDebian(names: readonly string[]): Command {
  const script = [
    "conf=$(mktemp)",
    'trap "rm -f $conf" EXIT',
    "cat /etc/ca-certificates.conf > $conf",
    `printf "!%s\\n" ${names.join(" ")} >> $conf`,
    "update-ca-certificates --certsconf $conf",
  ];
  return ["sh", "-ec", script.join("; ")];
}

/** What the families above make of their anchors: every certificate that is trusted, in PEM. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
];

export function anchorFolderStore(anchors: AnchorFolder): TrustStore {
  const fileFor = (certificate: X509Certificate) =>
    join(anchors.folder, `trafficctl-${shortFingerprint(certificate)}${anchors.extension}`);
  return {
    name: anchors.name,
    needsRoot: true,
    missingHint: "install the package ca-certificates (apt-get, dnf, apk or zypper install ca-certificates)",
    fileFor,
    add: (certificate, path) => [["install", "-m", "0644", path, fileFor(certificate)], anchors.update],
    remove: (certificates) => {
      const files = certificates.map(fileFor);
      const update = anchors.forget?.(files.map((file) => basename(file))) ?? anchors.update;
      return [["rm", "-f", ...files], update];
    },
  };
}

const MACOS_KEYCHAIN = "/Library/Keychains/System.keychain";

export const MACOS_STORE: TrustStore = {
  name: "macOS",
  needsRoot: true,
  add: (_certificate, path) => [
    ["security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", MACOS_KEYCHAIN, path],
  ],
  remove: (certificates) =>
    certificates.map((certificate) => [
      "security",
      "delete-certificate",
      "-Z",
      sha1(certificate),
      "-t",
      MACOS_KEYCHAIN,
    ]),
};

export const WINDOWS_STORE: TrustStore = {
  name: "Windows",
  // An elevated prompt, which only the attempt can find out.
  needsRoot: false,
  add: (_certificate, path) => [["certutil", "-addstore", "-f", "ROOT", path]],
  remove: (certificates) =>
    certificates.map((certificate) => ["certutil", "-delstore", "ROOT", sha1(certificate)]),
};

/** @returns the store of this machine, or undefined where none is known */
export async function findTrustStore(): Promise<TrustStore | undefined> {
  if (process.platform === "darwin") return MACOS_STORE;
  if (process.platform === "win32") return WINDOWS_STORE;
  for (const anchors of ANCHOR_FOLDERS) {
    const signs = [anchors.folder, ...(anchors.marker === undefined ? [] : [anchors.marker])];
    if ((await Promise.all(signs.map(exists))).every(Boolean)) return anchorFolderStore(anchors);
  }
  return undefined;
}

/** @param path of a certificate in PEM; what is none is not trusted */
export async function isTrustedBySystem(path: string): Promise<Trust> {
  const certificate = await readCertificate(path);
  if (certificate === undefined) return "no";
  if (process.platform === "darwin") return succeeds("security", ["verify-cert", "-c", path]);
  if (process.platform === "win32") return succeeds("certutil", ["-verifystore", "ROOT", sha1(certificate)]);
  return isInBundle(certificate);
}

/** @returns undefined for a file that holds no certificate */
export async function readCertificate(path: string): Promise<X509Certificate | undefined> {
  const content = await readFile(path);
  try {
    return new X509Certificate(content);
  } catch {
    return undefined;
  }
}

async function isInBundle(certificate: X509Certificate): Promise<Trust> {
  let answer: Trust = "unknown";
  for (const path of BUNDLES) {
    const bundle = await readFile(path, "utf8").catch(() => undefined);
    if (bundle === undefined) continue;
    if (bundle.replace(/\s/g, "").includes(certificate.raw.toString("base64"))) return "yes";
    answer = "no";
  }
  return answer;
}

async function succeeds(program: string, args: string[]): Promise<Trust> {
  try {
    await promisify(execFile)(program, args);
    return "yes";
  } catch (error) {
    return error instanceof Error && "code" in error && typeof error.code === "number" ? "no" : "unknown";
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The first eight hexadecimal digits of the SHA-256 fingerprint: one file a CA, told apart by eye. */
function shortFingerprint(certificate: X509Certificate): string {
  return createHash("sha256").update(certificate.raw).digest("hex").slice(0, 8);
}

function sha1(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(":", "");
}
