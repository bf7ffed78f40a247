import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Pair {
  key: Buffer;
  cert: Buffer;
}

/** Returns key and certificate of shop.example.com. The authority vouches for it; nobody does without one. */
export function certificate(authority?: Pair): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'belay-tls-'));
  const at = (name: string) => join(folder, name);
  try {
    const names = ['-subj', '/CN=shop.example.com', '-addext', 'subjectAltName=DNS:shop.example.com'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const by = authority ? ['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem')] : [];
    if (authority) {
      writeFileSync(at('ca.pem'), authority.cert);
      writeFileSync(at('ca-key.pem'), authority.key);
    }
    const to = ['-keyout', at('key.pem'), '-out', at('cert.pem')];
    execFileSync('openssl', ['req', ...kind, ...by, ...names, ...to], { stdio: 'pipe' });
    return { key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
