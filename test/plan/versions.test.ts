import { versionOf, versionsText } from '../../src/plan/versions';

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
  to: { revision: 1, instances: 1, image: { ref: `shop/${service}:${tag}`, digest: `sha256:${hex}`, local: false } },
});

test('services are named with what they go to', () => {
  expect(versionsText([to('api', '2.5.0'), to('web', '7')])).toBe('api=2.5.0,web=7');
  expect(versionsText([])).toBe('');
});

test('the text fits in a keyword of Temporal', () => {
  const text = versionsText(Array.from({ length: 9 }, (_, index) => to(`service-${index}`, 'x'.repeat(100))));
  expect(text).toHaveLength(255);
  expect(text).toMatch(/^service-0=x+,service-1=x+,service-2=x+…$/);
});
