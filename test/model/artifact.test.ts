import {
  type Artifact,
  artifactDigest,
  artifactName,
  artifactRef,
  artifactWord,
  isOnlyHere,
  isSameArtifact,
} from '../../src/model/artifact';
import { changeText, versionOf } from '../../src/model/versions';

const image: Artifact = { ref: 'shop/api:2', digest: 'sha256:2', local: true };
const file = (sha256: string): Artifact => ({ kind: 'file', source: './dist/worker', sha256: sha256.repeat(64) });

test('an artifact without a kind is an image', () => {
  expect([artifactName(image), artifactDigest(image), artifactRef(image)]).toEqual([
    'shop/api:2',
    'sha256:2',
    'shop/api:2',
  ]);
  expect([artifactWord(image), isOnlyHere(image)]).toEqual(['image', true]);
});

test('a file is told by its name, and apart from others by its content', () => {
  const one = file('a');
  expect([artifactName(one), artifactWord(one), isOnlyHere(one)]).toEqual(['./dist/worker', 'file', false]);
  expect(isSameArtifact(one, file('a'))).toBe(true);
  expect(isSameArtifact(one, file('b'))).toBe(false);
  expect(versionOf(artifactRef(one))).toBe('a'.repeat(12));
});

test('a change from one file to another names both by their content', () => {
  const service = { service: 'worker', unchanged: false, environment: { added: [], removed: [], changed: [] } };
  const from = { revision: 1, artifact: file('a'), instances: 1 };
  const to = { revision: 2, artifact: file('b'), instances: 1 };
  expect(changeText({ ...service, from, to })).toBe(`worker: ${'a'.repeat(12)} → ${'b'.repeat(12)} (revision 1 → 2)`);
});
