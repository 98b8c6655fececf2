// The certificate authority: makes and signs the certificates that clients see. The one file that imports
// node-forge, for its ASN.1 (its own certificates know RSA keys only); keys and signatures are node:crypto's.
import { createHash, generateKeyPair, generateKeyPairSync, type X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { promisify } from "node:util";
import forge from "node-forge";
import {
  type CaFiles,
  type CaMaker,
  certificatePath,
  openCaFiles,
  rotateCaFiles,
} from "./authority/ca-files.js";
import { caCommonName } from "./authority/ca-name.js";
import {
  authorityExtensions,
  DAY,
  encodeCertificate,
  keyIdOf,
  type Signer,
  serverExtensions,
  spkiOf,
} from "./authority/certificate.js";
import { Der } from "./authority/der.js";
import { type HostName, parseHostName } from "./authority/host-name.js";
import { readIssuer } from "./authority/issuer.js";
import { LeafCache } from "./authority/leaf-cache.js";
import { encodePkcs12 } from "./authority/pkcs12.js";
import { FAST_CIPHERS } from "./tls/ciphers.js";

/** node-forge's ASN.1, for the files under authority/. */
export type Asn1Module = typeof forge.asn1;
export type Asn1 = forge.asn1.Asn1;

export type KeyType = "ec" | "rsa";

export interface AuthorityOptions {
  /** The type of a key that has to be made; an existing CA keeps its own. EC P-256 by default. */
  readonly keyType?: KeyType;
}

const der = new Der(forge.asn1);
/** Hosts whose TLS contexts are kept; each takes about 30 KB outside the heap (measured). */
const KEPT_HOSTS = 500;

/** The user's CA, loaded, with the leaf certificates it issues. */
export class CertificateAuthority {
  /** Path of `ca.pem`. */
  readonly certPath: string;
  readonly certPem: string;
  /** SHA-256 of the certificate: upper-case hexadecimal pairs with colons. */
  readonly fingerprint256: string;
  /** SHA-256 of the public key in base64, as Chromium's `--ignore-certificate-errors-spki-list` takes it. */
  readonly spkiFingerprint: string;
  readonly keyType: KeyType;
  /** The certificate was made by this call, so no client can trust it yet. */
  readonly created: boolean;
  /** Sentences for a person: what was wrong with the files and has been mended. */
  readonly warnings: readonly string[];

  readonly #certificate: X509Certificate;
  readonly #signer: Signer;
  readonly #leafKeyPem: string | Buffer;
  readonly #leafSpki: Buffer;
  readonly #contexts = new LeafCache({
    make: (host) => this.#makeContext(host),
    release: closeContext,
    bound: KEPT_HOSTS,
  });

  private constructor(folder: string, files: CaFiles) {
    const { certificate, key } = files;
    const spki = spkiOf(key);
    this.certPath = certificatePath(folder);
    this.certPem = certificate.toString();
    this.fingerprint256 = certificate.fingerprint256;
    this.spkiFingerprint = createHash("sha256").update(spki).digest("base64");
    this.keyType = key.asymmetricKeyType === "rsa" ? "rsa" : "ec";
    this.created = files.created;
    this.warnings = files.warnings;
    this.#certificate = certificate;
    this.#signer = { key, authority: readIssuer(der, certificate.raw, keyIdOf(spki)) };
    const leafKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    this.#leafKeyPem = leafKey.export({ type: "pkcs8", format: "pem" });
    this.#leafSpki = spkiOf(leafKey);
  }

  /**
   * Loads the CA of the folder (`ca.pem`, `ca.key`) or makes it, safe against another process that does the same.
   * @throws TrafficError CA_UNUSABLE, DISK_FULL
   */
  static async open(folder: string, options: AuthorityOptions = {}): Promise<CertificateAuthority> {
    return new CertificateAuthority(folder, await openCaFiles(folder, caMaker(options.keyType ?? "ec")));
  }

  /**
   * Makes a new CA in place of the folder's, whatever the state of that one.
   * @returns it, and where the old certificate is kept; the old key is deleted
   * @throws TrafficError CA_UNUSABLE, DISK_FULL
   */
  static async rotate(
    folder: string,
    options: AuthorityOptions = {},
  ): Promise<{ authority: CertificateAuthority; previous: string | undefined }> {
    const files = await rotateCaFiles(folder, caMaker(options.keyType ?? "ec"));
    return { authority: new CertificateAuthority(folder, files), previous: files.previous };
  }

  /**
   * The TLS context of a server for this host: TLS 1.2 and 1.3, a leaf certificate for exactly this name.
   * Synchronous and cached: a new host costs one signature and one OpenSSL context. To be used at once: a context that many
   * other hosts have pushed out is closed, which connections that were begun with it don't notice.
   * @param host DNS name or IP address, as CONNECT or SNI gave it
   * @throws TrafficError BAD_OPTION when no certificate can name it
   */
  contextFor(host: string): SecureContext {
    return this.#contexts.get(host);
  }

  /**
   * A new leaf certificate in DER, for exactly this host and under the one leaf key of this process.
   * @throws TrafficError BAD_OPTION when no certificate can name it
   */
  issue(host: string): Buffer {
    return this.#issue(parseHostName(host));
  }

  /** The CA's certificate in DER. */
  der(): Buffer {
    return this.#certificate.raw;
  }

  /**
   * A PKCS#12 file with the certificate, and with the CA's private key only where `privateKey` is true.
   * @param password of the file; not empty, and what protects the key
   */
  toPkcs12(password: string, options: { readonly privateKey?: boolean } = {}): Buffer {
    const content = { certificate: this.der(), name: "trafficctl CA" };
    if (options.privateKey !== true) return encodePkcs12(der, content, password);
    return encodePkcs12(der, { ...content, privateKey: this.#signer.key }, password);
  }

  #makeContext(host: HostName): SecureContext {
    return createSecureContext({
      key: this.#leafKeyPem,
      // With the authority's own certificate: Chromium's --ignore-certificate-errors-spki-list looks only at what is sent.
      cert: `${pem(this.#issue(host))}${this.certPem}`,
      // No client certificate is asked for, so no roots: Node would add its own.
      ca: [],
      ciphers: FAST_CIPHERS,
      honorCipherOrder: true,
      sessionIdContext: "trafficctl",
    });
  }

  #issue(host: HostName): Buffer {
    const now = Date.now();
    const fields = {
      // A host's name may be longer than a common name can be; clients read the subjectAltName.
      commonName: host.text.length > 64 ? undefined : host.text,
      spki: this.#leafSpki,
      // At most 397 days, all that clients accept; backdated for those whose clock is behind.
      notBefore: now - DAY,
      notAfter: Math.min(now + 395 * DAY, Date.parse(this.#certificate.validTo)),
      extensions: serverExtensions(der, host),
    };
    return encodeCertificate(der, fields, this.#signer);
  }
}

/**
 * Frees OpenSSL's part of a context; connections keep a reference of their own. Without this it waits for a collection, which
 * sees only the small object on the heap: 10,000 new hosts in a row grew the process to 246 MB instead of 134 (measured).
 */
function closeContext({ context }: SecureContext): void {
  const native: unknown = context;
  if (typeof native !== "object" || native === null || !("close" in native)) return;
  if (typeof native.close === "function") native.close();
}

/** The key of a new CA, and the certificate made for it. */
function caMaker(keyType: KeyType): CaMaker {
  return {
    async makeKey() {
      const generate = promisify(generateKeyPair);
      const { privateKey } =
        keyType === "rsa"
          ? await generate("rsa", { modulusLength: 2048 })
          : await generate("ec", { namedCurve: "P-256" });
      return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    },
    makeCertificate(key) {
      const now = new Date();
      const spki = spkiOf(key);
      const fields = {
        commonName: caCommonName(now, keyIdOf(spki).toString("hex")),
        spki,
        notBefore: now.getTime() - 2 * DAY,
        notAfter: new Date(now).setUTCFullYear(now.getUTCFullYear() + 10),
        extensions: authorityExtensions(der),
      };
      return pem(encodeCertificate(der, fields, { key }));
    },
  };
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
