// Whether what ca.key and ca.pem hold can be used; if not, an error that says which file and what to do.
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { TrafficError } from "../../errors.js";

export const START_OVER =
  "restore it from a copy, or run `trafficctl ca rotate` for a new CA, which clients must then trust";

/** @throws TrafficError CA_UNUSABLE */
export function parseKey(pem: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new TrafficError("CA_UNUSABLE", `${path} holds no private key in PEM`, { hint: START_OVER, cause });
  }
  if (key.asymmetricKeyType === "ec" || key.asymmetricKeyType === "rsa") return key;
  const message = `${path} holds a key of type ${key.asymmetricKeyType}, and only ec and rsa keys can sign here`;
  throw new TrafficError("CA_UNUSABLE", message, { hint: START_OVER });
}

/** @throws TrafficError CA_UNUSABLE */
export function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new TrafficError("CA_UNUSABLE", `${path} holds no certificate in PEM`, { hint: START_OVER, cause });
  }
}

/** @throws TrafficError CA_UNUSABLE when it is no authority, or not valid now */
export function checkUsable(certificate: X509Certificate, path: string): void {
  const problem = !certificate.ca
    ? "is not the certificate of an authority (basicConstraints cA)"
    : Date.parse(certificate.validTo) <= Date.now()
      ? `ended on ${certificate.validTo}`
      : Date.parse(certificate.validFrom) > Date.now()
        ? `begins only on ${certificate.validFrom}; is the clock right?`
        : undefined;
  if (problem === undefined) return;
  throw new TrafficError("CA_UNUSABLE", `the certificate in ${path} ${problem}`, { hint: START_OVER });
}
