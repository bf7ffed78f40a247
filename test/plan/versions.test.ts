import { changeText, versionOf, versionWords } from '../../src/model/versions';

const hex = '0123456789abcdef'.repeat(4);

test.each([
  ['shop/api:2.5.0', '2.5.0'],
  ['shop/api', 'latest'],
  ['localhost:5000/api', 'latest'],
  ['localhost:5000/api:2.5.0', '2.5.0'],
  [`localhost:5000/api@sha256:${hex}`, '0123456789ab'],
  [`shop/api:2.5.0@sha256:${hex}`, '2.5.0'],
  [`sha256:${hex}`, '0123456789ab'],
])('%s is version %s', (ref, expected) => expect(versionOf(ref)).toBe(expected));

const to = (service: string, tag: string) => ({
  service,
  to: { revision: 1, instances: 1, artifact: { ref: `shop/${service}:${tag}`, digest: `sha256:${hex}`, local: false } },
});

test('services are named with what they go to', () => {
  expect(versionWords([to('api', '2.5.0'), to('web', '7')])).toEqual(['api=2.5.0', 'web=7']);
  expect(versionWords([])).toEqual([]);
});

test('a change is told by tags, and by digests where the tag is the same', () => {
  const from = { revision: 1, instances: 1, artifact: { ref: 'shop/api:1', digest: `sha256:${hex}`, local: false } };
  const change = { ...to('api', '2'), environment: { added: [], removed: [], changed: [] }, unchanged: false };
  const other = `sha256:${[...hex].reverse().join('')}`;
  const moved = { ...change, from, to: { ...from, revision: 2, artifact: { ...from.artifact, digest: other } } };
  expect(changeText({ ...change, from })).toBe('api: 1 → 2 (revision 1 → 1)');
  expect(changeText(moved)).toBe('api: 1 0123456789ab → 1 fedcba987654 (revision 1 → 2)');
  expect(changeText(change)).toBe('api: 2 (revision 1, its first)');
  expect(changeText({ ...change, unchanged: true })).toBe('api: 2, unchanged');
  expect(changeText({ ...change, from, removed: true })).toBe('api: revision 1 is removed');
  const gone = { revision: 0, instances: 1, artifact: { ref: '', digest: '', local: true } };
  expect(changeText({ ...change, from: gone })).toBe('api: as it ran before Belay → 2 (revision 0 → 1)');
});

test('each word fits in a keyword of Temporal', () => {
  const [word] = versionWords([to('service', 'x'.repeat(300))]);
  expect(word).toHaveLength(255);
  expect(word).toMatch(/^service=x+…$/);
});
