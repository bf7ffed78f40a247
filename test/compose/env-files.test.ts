import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { valuesIn } from '../../src/spec/dotenv';
import { statementsIn } from '../../src/spec/dotenv-statements';
import { anyFile, envFile } from '../config/env-files';

const folder = mkdtempSync(join(tmpdir(), 'belay-env-'));
afterAll(() => rmSync(folder, { recursive: true }));

const isRefused = (text: string): boolean => statementsIn(text).some(({ kind }) => kind === 'unread');

/** The environment that Compose makes of each file, in one run. */
function asComposeReads(texts: string[]) {
  for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.env`), text);
  const services = texts.map((_, index) => [`s${index}`, { image: 'none', env_file: [`${index}.env`] }]);
  writeFileSync(join(folder, 'compose.yaml'), JSON.stringify({ services: Object.fromEntries(services) }));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const args = ['compose', '-p', 'belay-env', 'config', '--format', 'json'];
  const { stdout, status, stderr } = spawnSync('docker', args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) return { stderr, read: [] };
  const { services: made } = JSON.parse(stdout) as { services: Record<string, { environment?: object }> };
  return { stderr, read: texts.map((_, index) => valuesOf(made[`s${index}`]!.environment ?? {})) };
}

/** Without the name of no letters, which Compose gives a name at the end of a file. */
const valuesOf = (environment: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name === '' ? [] : [[name, String(value).replaceAll('$$', '$')]],
    ),
  );

test('300 random env files have the values that Compose reads', () => {
  const texts = fc.sample(envFile, 330).filter((text) => !isRefused(text));
  expect(texts.length).toBeGreaterThan(250);
  const { read, stderr } = asComposeReads(texts);
  if (read.length === 0) throw new Error(stderr);
  expect(texts.map((text) => ({ text, values: valuesIn([text], {}) }))).toEqual(
    texts.map((text, index) => ({ text, values: read[index] })),
  );
});

test('files with an unread statement are refused by Compose', () => {
  for (const text of fc.sample(anyFile, 60).filter(isRefused).slice(0, 5))
    expect({ text, ...asComposeReads([text]) }).toMatchObject({ text, read: [] });
});
