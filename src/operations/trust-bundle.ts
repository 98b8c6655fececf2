// The files of roots that the variables of environment.ts name. They hold every root that the user's tools trust
// already and the proxy's CA: a tool that is told to use them must not lose the rest of the world.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import tls from "node:tls";
import { systemCode, TrafficError } from "../errors.js";
import { writeJavaTrustStore } from "../proxy/java-key-store.js";
import { SYSTEM_BUNDLES, splitPem } from "../proxy/roots.js";

/** No secret: the file holds certificates. Java asks for one, and this is what its own trust store has. */
export const JAVA_TRUST_STORE_PASSWORD = "changeit";

export interface TrustFilesInput {
  /** Where the files go. */
  readonly folder: string;
  readonly caCertPath: string;
  /** Its variables may name roots of the user's own. */
  readonly base: NodeJS.ProcessEnv;
}

export interface TrustFiles {
  readonly bundlePath: string;
  readonly javaTrustStorePath: string;
  readonly wgetrcPath: string;
}

/** Variables by which a user adds roots, or replaces them. */
const OWN_ROOTS = [
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "AWS_CA_BUNDLE",
] as const;

/**
 * Writes `bundle.pem`, `truststore.jks` and `wgetrc`, each where it is missing or stale. Roots that only this
 * environment names make files of their own (`bundle-1a2b3c4d.pem`), so that two terminals never take turns.
 * @throws TrafficError CA_UNUSABLE, IO_FAILED, DISK_FULL
 */
export async function writeTrustFiles(input: TrustFilesInput): Promise<TrustFiles> {
  const ca = splitPem(await readCa(input.caCertPath));
  const system = await systemRoots();
  const own = await ownRoots(input.base);
  const roots = uniqueRoots([...system, ...ca]);
  const all = uniqueRoots([...system, ...own, ...ca]);
  const suffix = all.length === roots.length ? "" : `-${fingerprint(all)}`;
  const path = (name: string, extension: string): string =>
    join(input.folder, `${name}${suffix}${extension}`);
  const files = {
    bundlePath: path("bundle", ".pem"),
    javaTrustStorePath: path("truststore", ".jks"),
    wgetrcPath: path("wgetrc", ""),
  };
  await mkdir(input.folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unwritable(input.folder, error);
  });
  await writeIfChanged(files.bundlePath, Buffer.from(`${all.join("\n")}\n`));
  await writeIfChanged(files.wgetrcPath, Buffer.from(await wgetrc(files.bundlePath, input.base)));
  await writeTrustStore(files.javaTrustStorePath, files.bundlePath, all);
  return files;
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    throw new TrafficError("CA_UNUSABLE", `the CA's certificate ${path} can't be read`, {
      hint: "trafficctl ca show says what is wrong with it",
      cause: error,
    });
  }
}

/** The system's bundle; elsewhere its store as far as Node can read it (22.15 on), with Node's own roots. */
async function systemRoots(): Promise<string[]> {
  for (const path of SYSTEM_BUNDLES) {
    const roots = splitPem(await readOptional(path));
    if (roots.length > 0) return roots;
  }
  const readStore: unknown = Reflect.get(tls, "getCACertificates");
  const store: unknown = typeof readStore === "function" ? readStore("system") : [];
  const texts = Array.isArray(store) ? store.filter((root) => typeof root === "string") : [];
  return [...texts, ...tls.rootCertificates];
}

async function ownRoots(base: NodeJS.ProcessEnv): Promise<string[]> {
  const paths = new Set(
    OWN_ROOTS.map((name) => base[name]).filter((path) => path !== undefined && path !== ""),
  );
  const texts = await Promise.all([...paths].map((path) => readOptional(path ?? "")));
  return texts.flatMap(splitPem);
}

/** Each certificate once, in one form. What is none is left out: Java refuses a store for one broken entry. */
function uniqueRoots(roots: readonly string[]): string[] {
  const unique = new Map<string, string>();
  for (const root of roots) {
    const body = root.replace(/-----[^-]+-----|\s/g, "");
    if (unique.has(body) || !isDerSequence(Buffer.from(body, "base64"))) continue;
    const lines = body.match(/.{1,64}/g) ?? [];
    unique.set(body, ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join("\n"));
  }
  return [...unique.values()];
}

/** X.690: a SEQUENCE whose length, in two octets as for any certificate, is that of the rest. */
function isDerSequence(der: Buffer): boolean {
  return der.length > 4 && der.readUInt16BE(0) === 0x3082 && der.readUInt16BE(2) === der.length - 4;
}

function fingerprint(roots: readonly string[]): string {
  return createHash("sha256").update(roots.join("\n")).digest("hex").slice(0, 8);
}

/** The system's own file, which SYSTEM_WGETRC replaces, and the bundle behind it. */
async function wgetrc(bundlePath: string, base: NodeJS.ProcessEnv): Promise<string> {
  const named = base.SYSTEM_WGETRC;
  const system = await readOptional(named && dirname(named) !== dirname(bundlePath) ? named : "/etc/wgetrc");
  return `${system}\nca_certificate = ${bundlePath}\n`;
}

/** Its entries carry their time: it is stale when it is older than the bundle, from which it is made. */
async function writeTrustStore(path: string, bundlePath: string, roots: readonly string[]): Promise<void> {
  const [store, bundle] = await Promise.all([stat(path).catch(() => undefined), stat(bundlePath)]);
  if (store !== undefined && store.size > 0 && store.mtimeMs >= bundle.mtimeMs) return;
  const certificates = roots.map((root) => Buffer.from(root.replace(/-----[^-]+-----|\s/g, ""), "base64"));
  await replaceFile(path, writeJavaTrustStore(certificates, JAVA_TRUST_STORE_PASSWORD));
}

async function writeIfChanged(path: string, content: Buffer): Promise<void> {
  const existing = await readFile(path).catch(() => undefined);
  if (existing?.equals(content) !== true) await replaceFile(path, content);
}

/** Whole or not at all: another process may be reading it. */
async function replaceFile(path: string, content: Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, content, { flag: "wx", mode: 0o644 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, error);
  }
}

async function readOptional(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch {
    return "";
  }
}

function unwritable(path: string, error: unknown): TrafficError {
  const isFull = systemCode(error) === "ENOSPC";
  return new TrafficError(isFull ? "DISK_FULL" : "IO_FAILED", `${path} can't be written`, {
    hint: "it is needed so that a command trusts the proxy; --home DIR puts it elsewhere",
    cause: error,
  });
}
