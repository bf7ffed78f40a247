import { readFileSync } from 'node:fs';
import { buildFromProgram, contentHash, imageExists } from './base-image';

const program = '/usr/sbin/haproxy';

/**
 * Returns an image with this machine's HAProxy at the official image's path; `version` only tells two of them apart.
 */
export async function buildHaproxyImage(version: '1' | '2' = '1'): Promise<string> {
  const hash = contentHash(readFileSync(program));
  const image = `belay-testbed/haproxy:${hash}-${version}`;
  if (await imageExists(image)) return image;
  await buildFromProgram(image, {
    program,
    to: '/usr/local/sbin/haproxy',
    lines: ['ENV PATH=/usr/local/sbin', `LABEL version=${version}`],
  });
  return image;
}
