import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';

export interface Certificate {
  /** PEM. */
  key: string;
  cert: string;
}

/** Browsers refuse server certificates that are valid for more than 398 days. */
const VALID_DAYS = 397;

/** The server replaces a certificate that expires soon when it starts, so that none expires during a lesson. */
const RENEW_BEFORE_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** GeneralName types of RFC 5280 §4.2.1.6. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/**
 * The self-signed certificate for localhost and `addresses`. `folder` keeps the certificate, so that browsers that trust it still do after a
 * restart. A new one replaces it when it expires soon, or when it lacks one of the addresses.
 */
export function selfSignedCertificate(folder: string, addresses: readonly string[], nowMs: number): Certificate {
  const keyFile = join(folder, 'key.pem');
  const certFile = join(folder, 'cert.pem');
  const kept = readKept(keyFile, certFile);
  if (kept !== null && isStillGood(kept, addresses, nowMs)) return kept;
  const made = makeCertificate(addresses, nowMs);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(keyFile, made.key, { mode: 0o600 });
  writeFileSync(certFile, made.cert);
  return made;
}

function readKept(keyFile: string, certFile: string): Certificate | null {
  try {
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  } catch {
    return null;
  }
}

function isStillGood({ cert }: Certificate, addresses: readonly string[], nowMs: number): boolean {
  try {
    const parsed = forge.pki.certificateFromPem(cert);
    const extension = parsed.getExtension('subjectAltName') as { altNames?: { ip?: string }[] } | undefined;
    const named = new Set(extension?.altNames?.map(({ ip }) => ip));
    const lastsLong = parsed.validity.notAfter.getTime() - nowMs > RENEW_BEFORE_DAYS * DAY_MS;
    return lastsLong && addresses.every((address) => named.has(address));
  } catch {
    return false;
  }
}

function makeCertificate(addresses: readonly string[], nowMs: number): Certificate {
  const keys = forge.pki.rsa.generateKeyPair({ bits: 2048 });
  const certificate = forge.pki.createCertificate();
  const name = [{ name: 'commonName', value: 'Tabchain on this network' }];
  certificate.publicKey = keys.publicKey;
  // A positive integer: the leading byte 01 keeps the sign bit clear.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(nowMs - DAY_MS);
  certificate.validity.notAfter = new Date(nowMs - DAY_MS + VALID_DAYS * DAY_MS);
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [{ type: DNS_NAME, value: 'localhost' }, ...['127.0.0.1', ...addresses].map((ip) => ({ type: IP_ADDRESS, ip }))],
    },
  ]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return { key: forge.pki.privateKeyToPem(keys.privateKey), cert: forge.pki.certificateToPem(certificate) };
}
