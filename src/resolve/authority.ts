import { X509Certificate } from 'node:crypto';
import { BelayError } from '../errors';
import { reader } from '../project/files';
import type { Project } from '../project/project';

/** Longest text of certificates: it travels with each step that asks. */
const limit = 16 * 1024;

/** Returns the certificates in a file of the folder. Throws `spec-invalid` for anything else in it. */
export function authorityIn({ folder }: Pick<Project, 'folder'>, name: string, at: string): string {
  const refuse = (what: string, hint: string) => new BelayError('spec-invalid', `${at}: ${name} ${what}`, { hint });
  const text = reader({ folder })(name);
  if (text === undefined) throw refuse('is not there', `put it into ${folder} on the host`);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw refuse('has a private key', 'write a file with certificates alone: it travels with the plan');
  const all = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (all.length === 0 || !all.every(isCertificate))
    throw refuse('is no PEM certificate', 'it begins with -----BEGIN CERTIFICATE-----; openssl x509 -in FILE shows it');
  const pem = `${all.join('\n')}\n`;
  if (pem.length > limit) throw refuse('is longer than 16 KiB', 'write the authority of this service alone');
  return pem;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
