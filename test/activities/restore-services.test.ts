import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { affectedBy } from '../../activities/planning/restore-services';
import type { Project } from '../../src/project/project';
import type { OpenedSources } from '../../src/resolve/sources';
import { parseSpec } from '../../src/spec/parse';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { postgresOf } from '../workflows/backed-up';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-restore-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Services of Compose, and those that each needs. */
const needs: Record<string, string[]> = {
  postgres: [],
  pooler: ['postgres'],
  api: ['pooler'],
  web: ['api'],
  other: [],
};
const text = `
platform: shop
compose: compose.yaml
services:
  api: {}
  web: {}
  other: {}
`;

function filesOf() {
  const facts = (name: string) => ({
    project: 'shop-compose',
    stop: { signal: 'SIGINT', grace: 9_000 },
    dependencies: needs[name]!.map((service) => ({ service, condition: 'started' as const })),
  });
  const sources = { of: () => ({ facts }), projectOf: () => 'shop-compose' } as unknown as OpenedSources;
  const parsed = parseSpec({ text, file: 'belay.yaml' });
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  return { project: { spec: parsed.spec } as Project, sources };
}

const affected = (service: string) =>
  affectedBy(fakeDeps({ home, runtime: fakeRuntime() }), filesOf(), postgresOf({ service }));

test('the data of a service that only Compose has is reached by way of others that only Compose has', async () => {
  const { owner, writers } = await affected('postgres');
  expect(owner).toMatchObject({
    project: 'shop-compose',
    desired: { service: 'postgres', routes: [], stop: { signal: 'SIGINT', grace: 9_000 } },
  });
  expect(writers.map(({ desired }) => desired.service)).toEqual(['api', 'web']);
});
