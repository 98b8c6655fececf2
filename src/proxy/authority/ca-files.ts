// The certificate authority on disk: `ca.key` (0600) and `ca.pem`, made once, whoever starts first.
//
// No lock: the key is put in place by an exclusive link, then the certificate by another. Whoever loses a race
// takes the winner's file, and a certificate is always made for the key that is in place, so that a crash
// between the two steps leaves a state the next start completes.
import type { KeyObject, X509Certificate } from "node:crypto";
import { constants, copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { systemCode, TrafficError } from "../../errors.js";
import { checkUsable, parseCertificate, parseKey, START_OVER } from "./ca-check.js";
import {
  closeToOthers,
  onDisk,
  placeNew,
  readIfThere,
  removeOldTemporaries,
  writeTemporary,
} from "./place-file.js";

/** How often a rotation by another process may come between reading the two files. */
const ATTEMPTS = 5;
const WAIT_MS = 20;

/** What makes the content of the two files, in PEM. */
export interface CaMaker {
  makeKey(): Promise<string>;
  makeCertificate(key: KeyObject): string;
}

export interface CaFiles {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
  /** The certificate was made by this call. */
  readonly created: boolean;
  /** Sentences for a person: what was wrong with the files and has been mended. */
  readonly warnings: readonly string[];
}

export function certificatePath(folder: string): string {
  return join(folder, "ca.pem");
}

function keyPath(folder: string): string {
  return join(folder, "ca.key");
}

/**
 * Loads the CA of the folder, making what is missing.
 * @throws TrafficError CA_UNUSABLE (names the file and what to do), DISK_FULL
 */
export async function openCaFiles(folder: string, maker: CaMaker): Promise<CaFiles> {
  await makeFolder(folder);
  const warnings = await closeToOthers(folder, 0o022);
  const pair = await readOrMakePair(folder, maker);
  checkUsable(pair.certificate, certificatePath(folder));
  warnings.push(...(await closeToOthers(keyPath(folder), 0o077)));
  return { ...pair, warnings };
}

async function readOrMakePair(folder: string, maker: CaMaker): Promise<Omit<CaFiles, "warnings">> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const key = parseKey(await readOrMakeKey(folder, maker), keyPath(folder));
    const { pem, created } = await readOrMakeCertificate(folder, maker, key);
    if (pem !== undefined) {
      const certificate = parseCertificate(pem, certificatePath(folder));
      if (certificate.checkPrivateKey(key)) return { key, certificate, created };
    }
    // The key was read before, the certificate while or after another process rotated the CA.
    await setTimeout(WAIT_MS);
  }
  const message = `${keyPath(folder)} is not the key of the certificate in ${certificatePath(folder)}`;
  throw new TrafficError("CA_UNUSABLE", message, { hint: START_OVER });
}

async function makeFolder(folder: string): Promise<void> {
  await onDisk(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
}

async function readOrMakeKey(folder: string, maker: CaMaker): Promise<string> {
  const path = keyPath(folder);
  const found = await readIfThere(path);
  if (found !== undefined) return found;
  if ((await readIfThere(certificatePath(folder))) === undefined) {
    await placeNew(path, await maker.makeKey(), 0o600);
  }
  // Ours, or that of the process that was first: a certificate is never there before its key.
  const placed = await readIfThere(path);
  if (placed !== undefined) return placed;
  const message = `${certificatePath(folder)} is there but its key ${path} is missing`;
  throw new TrafficError("CA_UNUSABLE", message, { hint: START_OVER });
}

async function readOrMakeCertificate(
  folder: string,
  maker: CaMaker,
  key: KeyObject,
): Promise<{ pem: string | undefined; created: boolean }> {
  const path = certificatePath(folder);
  const found = await readIfThere(path);
  if (found !== undefined) return { pem: found, created: false };
  const created = await placeNew(path, maker.makeCertificate(key), 0o644);
  return { pem: await readIfThere(path), created };
}

/**
 * Makes a new CA in place of the one of the folder, usable or not. The old certificate is kept as
 * `ca-<date>.pem`, so that it can still be taken out of trust stores; its key is deleted.
 *
 * Each step leaves a state that `openCaFiles` completes: first no certificate, then the new key alone.
 * @returns the new CA, and the path of the old certificate where there was one
 * @throws TrafficError CA_UNUSABLE, DISK_FULL
 */
export async function rotateCaFiles(
  folder: string,
  maker: CaMaker,
): Promise<CaFiles & { readonly previous: string | undefined }> {
  await makeFolder(folder);
  const keyPem = await maker.makeKey();
  const certificatePem = maker.makeCertificate(parseKey(keyPem, keyPath(folder)));
  await removeOldTemporaries(folder);
  const newKey = await writeTemporary(keyPath(folder), keyPem, 0o600);
  const newCertificate = await writeTemporary(certificatePath(folder), certificatePem, 0o644);
  try {
    const previous = await archiveCertificate(folder);
    await onDisk(keyPath(folder), () => rename(newKey, keyPath(folder)));
    await onDisk(certificatePath(folder), () => rename(newCertificate, certificatePath(folder)));
    return { ...(await openCaFiles(folder, maker)), created: true, previous };
  } finally {
    await rm(newKey, { force: true });
    await rm(newCertificate, { force: true });
  }
}

async function archiveCertificate(folder: string): Promise<string | undefined> {
  const date = new Date().toISOString().slice(0, 10);
  for (let count = 1; ; count++) {
    const archive = join(folder, count === 1 ? `ca-${date}.pem` : `ca-${date}-${count}.pem`);
    try {
      await copyFile(certificatePath(folder), archive, constants.COPYFILE_EXCL);
    } catch (error) {
      if (systemCode(error) === "EEXIST") continue;
      if (systemCode(error) === "ENOENT") return undefined;
      throw new TrafficError("CA_UNUSABLE", `could not keep ${certificatePath(folder)} as ${archive}`, {
        cause: error,
      });
    }
    await onDisk(certificatePath(folder), () => rm(certificatePath(folder), { force: true }));
    return archive;
  }
}
