import "reflect-metadata"; // which the library needs to be there before it
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says. */
export interface Subject {
  readonly cn: string;
  /** Alternative names: DNS names, and IP addresses. */
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  /** Whether it ran out yesterday. */
  readonly expired?: boolean;
}

/** An authority that signs certificates, made anew for each test file. */
export interface Authority {
  /** Its own certificate. */
  readonly cert: string;
  issue(subject: Subject): Promise<Identity>;
  /** A revocation list with these certificates. */
  revoke(...certificates: string[]): Promise<string>;
}

/** Makes an authority with a certificate that it has signed itself. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: `CN=${name}`, keys, signingAlgorithm: ALGORITHM, ...validity(false) },
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    cert: own.toString("pem"),
    async issue({ cn, dns = [], ip = [], expired = false }) {
      const pair = await newKeys();
      const names = [
        ...dns.map((value) => ({ type: "dns" as const, value })),
        ...ip.map((value) => ({ type: "ip" as const, value })),
      ];
      const certificate = await x509.X509CertificateGenerator.create({
        ...{ subject: `CN=${cn}`, issuer: own.subject, publicKey: pair.publicKey, signingKey: keys.privateKey },
        ...{ signingAlgorithm: ALGORITHM, ...validity(expired) },
        extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
      });
      return { cert: certificate.toString("pem"), key: await exported(pair.privateKey) };
    },
    async revoke(...certificates) {
      const list = await x509.X509CrlGenerator.create({
        ...{ issuer: own.subject, signingKey: keys.privateKey, signingAlgorithm: ALGORITHM },
        thisUpdate: new Date(Date.now() - DAY),
        nextUpdate: new Date(Date.now() + DAY),
        entries: certificates.map((pem) => ({
          serialNumber: new x509.X509Certificate(pem).serialNumber,
          revocationDate: new Date(Date.now() - DAY),
        })),
      });
      return list.toString("pem").replaceAll("CRL-----", "X509 CRL-----").replaceAll("X509 X509", "X509");
    },
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

function validity(expired: boolean): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 10 * DAY), notAfter: new Date(Date.now() + (expired ? -1 : 10) * DAY) };
}

async function exported(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({
    format: "pem",
    type: "pkcs8",
  }) as string;
}
