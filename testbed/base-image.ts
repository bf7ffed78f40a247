import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { outputOf } from '../src/run-program';
import { docker } from './docker';
import { projectRoot } from './root';

const server = join(projectRoot, 'testbed', 'app', 'server.js');

/** Returns an image with this machine's node, its libraries and the web service. Each content is built once. */
export async function buildBaseImage(): Promise<string> {
  const image = `belay-testbed/base:${contentHash(process.version, process.arch, readFileSync(server))}`;
  if (!(await imageExists(image))) await buildFromMachine(image);
  return image;
}

export function imageExists(image: string): Promise<boolean> {
  return docker(['image', 'inspect', image]).then(
    () => true,
    () => false,
  );
}

export function contentHash(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}

async function buildFromMachine(image: string): Promise<void> {
  await buildFromProgram(image, { program: process.execPath, to: '/bin/node', files: { '/app/server.js': server } });
}

/** Builds an image of programs of this machine, their libraries, and further files by their place in the image. */
export async function buildFromProgram(
  image: string,
  {
    program,
    to,
    others = [],
    files = {},
    lines = [],
  }: { program: string; to: string; others?: string[]; files?: Record<string, string>; lines?: string[] },
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-image-'));
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to), { dereference: true });
  };
  try {
    for (const one of [program, ...others]) {
      for (const library of await librariesOf(one)) copy(library, library);
    }
    for (const one of others) copy(one, one);
    copy(program, to);
    for (const [place, file] of Object.entries(files)) copy(file, place);
    const input = ['FROM scratch', 'COPY . /', ...lines, ''].join('\n');
    await docker(['build', '--tag', image, '--file', '-', folder], { input });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function librariesOf(program: string): Promise<string[]> {
  const found = await outputOf({ command: 'ldd', args: [program] });
  return [...found.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
}
