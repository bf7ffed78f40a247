import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needProject, specFolders } from '../../src/cli/project';

const dir = mkdtempSync(join(tmpdir(), 'belay-specs-'));
const project = join(dir, 'shop');
const below = join(project, 'services', 'api');

beforeAll(() => {
  mkdirSync(below, { recursive: true });
  writeFileSync(join(project, 'belay.yaml'), 'platform: shop\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each([
  ['the nearest project upwards', { cwd: below, env: {}, file: undefined, expected: project }],
  ['this folder where there is none', { cwd: dir, env: {}, file: undefined, expected: dir }],
  ['BELAY_SPECS', { cwd: below, env: { BELAY_SPECS: '/a:/b' }, file: undefined, expected: '/a:/b' }],
  [
    'BELAY_SPECS, whose folders are taken from this one',
    { cwd: '/srv', env: { BELAY_SPECS: 'shop:../b' }, file: undefined, expected: '/srv/shop:/b' },
  ],
  ['--file above all', { cwd: dir, env: { BELAY_SPECS: '/a:/b' }, file: 'shop/belay.yaml', expected: project }],
])('a worker looks in %s', (_, { cwd, env, file, expected }) => {
  expect(specFolders({ cwd, env }, { file })).toBe(expected);
});

test('folders that are named come before all, and have to be there', () => {
  expect(specFolders({ cwd: dir, env: { BELAY_SPECS: '/a:/b' } }, {}, ['shop', dir])).toBe(`${project}:${dir}`);
  expect(() => specFolders({ cwd: dir, env: {} }, {}, ['gone'])).toThrow(`folder: ${join(dir, 'gone')} is not there`);
});

test('--file without a project is refused', () => {
  expect(() => specFolders({ cwd: dir, env: {} }, { file: '.' })).toThrow('there is no belay.yaml in');
});

test('where there is no project, the platforms are named that BELAY_SPECS leads to', () => {
  const refused = (env: NodeJS.ProcessEnv) => expect(() => needProject({ cwd: '/', env }, {}));
  const hint = (text: string) =>
    expect.objectContaining({ message: expect.stringContaining('no belay.yaml here'), hint: text });
  refused({ BELAY_SPECS: dir }).toThrow(hint(`-p PLATFORM names one of ${dir}: shop`));
  refused({ BELAY_SPECS: below }).toThrow(hint('`belay init` writes one; -f names the folder of another'));
  refused({}).toThrow(hint('`belay init` writes one; -f names the folder of another'));
});
