// The origin's own CA and its two certificates (EC P-256), made with the openssl command.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many addresses `127.0.1.N` the second certificate names: each is a host that a proxy has never seen. */
export const NEW_HOSTS = 60;

/**
 * @typedef {{ key: string, cert: string }} KeyPairFiles
 * @typedef {{ ca: string, main: KeyPairFiles, hosts: KeyPairFiles }} OriginCertificates paths of PEM files
 */

/**
 * @param {string} folder
 * @param {readonly string[]} names what the first certificate names, besides 127.0.0.1
 * @returns {OriginCertificates}
 */
export function makeCertificates(folder, names) {
  const ca = join(folder, "origin-ca.pem");
  const caKey = join(folder, "origin-ca.key");
  openssl(
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=bench-origin-ca
     -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
     -keyout ${caKey} -out ${ca}`,
  );
  // A certificate that names 60 addresses is large; only the scenario that needs them pays for it.
  const addresses = Array.from({ length: NEW_HOSTS }, (_, i) => `IP:127.0.1.${i + 1}`).join(",");
  return {
    ca,
    main: leaf(folder, "main", [...names.map((name) => `DNS:${name}`), "IP:127.0.0.1"].join(","), ca, caKey),
    hosts: leaf(folder, "hosts", addresses, ca, caKey),
  };
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} subjectAltName
 * @param {string} ca
 * @param {string} caKey
 * @returns {KeyPairFiles}
 */
function leaf(folder, name, subjectAltName, ca, caKey) {
  const files = { key: join(folder, `${name}.key`), cert: join(folder, `${name}.pem`) };
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=${subjectAltName}\nextendedKeyUsage=serverAuth\n`);
  openssl(
    `req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=bench-origin
     -keyout ${files.key} -out ${request}`,
  );
  openssl(
    `x509 -req -days 30 -in ${request} -CA ${ca} -CAkey ${caKey} -CAcreateserial -extfile ${extensions}
     -out ${files.cert}`,
  );
  return files;
}

/** @param {string} line */
function openssl(line) {
  execFileSync("openssl", line.split(/\s+/), { stdio: ["ignore", "ignore", "pipe"] });
}
