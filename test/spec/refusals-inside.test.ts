import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import { insideProblems } from '../../src/runtimes/docker/project/inside';
import type { Spec } from '../../src/spec/spec';

const compose = (...networks: string[]): Pick<ComposeProject, 'services' | 'networks'> => ({
  services: { api: { networks: Object.fromEntries(networks.map((name) => [name, null])) } },
  networks: { inside: { name: 'shop_inside', internal: true }, outside: { name: 'shop_outside' } },
});
const spec = (managed: boolean) =>
  ({
    proxies: { edge: { kind: 'haproxy', managed } },
    services: { api: { routes: [{ proxy: 'edge' }] } },
  }) as unknown as Spec;

test('a HAProxy of the user reaches no service that is on internal networks only', () => {
  expect(insideProblems(compose('inside'), spec(false), ['api'])).toMatchObject([
    { name: 'api', why: 'is on internal networks only (inside), where proxy edge does not reach it' },
  ]);
  expect(insideProblems(compose('inside', 'outside'), spec(false), ['api'])).toEqual([]);
  expect(insideProblems(compose(), spec(false), ['api'])).toEqual([]);
  expect(insideProblems(compose('inside'), spec(true), ['api'])).toEqual([]);
});
