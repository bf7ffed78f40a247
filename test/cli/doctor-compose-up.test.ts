import { examineComposeUp } from '../../src/cli/doctor/compose-up';
import { examineTraffic } from '../../src/cli/doctor/traffic';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';
import { projectWith } from '../compose/projects';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { composeLabels, ownLabels, runs } from '../fakes/running';

let runtime: FakeRuntime;
beforeEach(() => {
  runtime = fakeRuntime();
});

function specOf(api: object = {}): Spec {
  const proxies = { edge: { kind: 'haproxy', managed: true } };
  const given = { platform: 'shop', compose: 'compose.yaml', proxies, services: { api } };
  const result = parseSpec({ text: JSON.stringify(given), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
}

const project = (api: ComposeService = {}) => projectWith({ api: { image: 'shop/api:1', ...api } });

describe('what docker compose up would do', () => {
  const said = async (spec = specOf(), compose = project(), counts = {}) =>
    (await examineComposeUp(runtime, spec, compose, counts)).map(({ state, todo }) => ({ state, todo }));
  const nothing = [{ state: 'ok', todo: [] }];

  /** An instance that Belay has started, with the labels that Compose looks at. */
  async function started(name: string, { hash = 'hash-of-api', fingerprint = 'f' } = {}): Promise<void> {
    const image = 'shop/api:1';
    runtime.addImage(image);
    const marks = {
      'com.docker.compose.config-hash': hash,
      'com.docker.compose.image': (await runtime.imageId(image))!,
    };
    await runs(runtime, { name, image, labels: { ...ownLabels({ fingerprint }), ...marks } });
  }

  test('is nothing to what runs as the file stands', async () => {
    await started('shop-api-r1-1');
    expect(await said()).toEqual(nothing);
  });

  test('is nothing to what a first release would start, and nothing to what Compose has started', async () => {
    expect(await said()).toEqual(nothing);
    await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels() });
    expect(await said()).toEqual(nothing);
  });

  test('is told of what a first release would start beside the number of the file', async () => {
    expect(await said(specOf({ instances: 1 }), project({ scale: 2 }))).toEqual([
      { state: 'warn', todo: [expect.stringMatching(/^api: docker compose up would start 1 more of it/)] },
    ]);
  });

  test('is told as what is to come, before anything runs', async () => {
    expect(await said(specOf({ instances: 2 }), project({ scale: 1 }))).toEqual([
      { state: 'warn', todo: [expect.stringMatching(/^api: the Compose file says 1, and 2 are to run\. /)] },
    ]);
  });

  test('is told of an instance that another state of the file has started', async () => {
    await started('shop-api-r1-1', { hash: 'another' });
    expect(await said()).toEqual([
      { state: 'warn', todo: [expect.stringMatching(/^api: docker compose up would replace shop-api-r1-1/)] },
    ]);
  });

  test('is told to be the wrong command after an edit, where a proxy leads to the service', async () => {
    await started('shop-api-r1-1', { hash: 'another' });
    const [check] = await said(specOf({ routes: [{ proxy: 'edge', port: 8080 }] }));
    expect(check?.todo).toEqual([
      expect.stringMatching(/would replace shop-api-r1-1, .* The service would be down, .*: run belay release instead/),
    ]);
  });

  test('is told of what it would start in place of an instance that is gone, and not to write what stands there', async () => {
    await started('shop-api-r1-1');
    const spec = specOf({ routes: [{ proxy: 'edge', port: 8080 }] });
    const gone = expect.stringMatching(/^api: 2 of its instances do not run, .*: belay restart --service api first$/);
    const [check] = await said(spec, project({ scale: 3 }), { api: 3 });
    expect(check?.todo).toEqual([gone]);
    // The warning also comes beside an edit.
    await started('shop-api-r1-2', { hash: 'another' });
    const [both] = await said(spec, project({ scale: 3 }), { api: 3 });
    expect(both?.todo).toEqual([
      expect.stringMatching(/^api: 1 of its instances does not run/),
      expect.stringMatching(/would replace shop-api-r1-2/),
    ]);
  });

  test('is told of a number that was written since, which is no instance that is gone', async () => {
    await started('shop-api-r1-1');
    const [check] = await said(specOf(), project({ scale: 2 }), { api: 1 });
    expect(check?.todo).toEqual([expect.stringMatching(/^api: docker compose up would start 1 more of it/)]);
  });

  test.each([
    ['another', [expect.stringMatching(/^api: docker compose up would replace db, .* and api with it: .* up -d db$/)]],
    ['hash-of-db', []],
  ])('is told of what goes with a service that is left to Compose: %s', async (hash, expected) => {
    await started('shop-api-r1-1');
    runtime.addImage('shop/db:1');
    const image = (await runtime.imageId('shop/db:1'))!;
    const marks = { 'com.docker.compose.config-hash': hash, 'com.docker.compose.image': image };
    const labels = { ...composeLabels('db'), ...marks };
    await runs(runtime, { name: 'shop-db-1', image: 'shop/db:1', labels });
    const db = { image: 'shop/db:1' };
    const api = { image: 'shop/api:1', depends_on: { db: { condition: 'service_started' } } };
    expect((await said(specOf(), projectWith({ api, db })))[0]?.todo).toEqual(expected);
  });

  test('is told of two sets at once', async () => {
    await started('shop-api-r1-1');
    await started('shop-api-r2-1', { fingerprint: 'g' });
    expect(await said()).toEqual([
      { state: 'warn', todo: [expect.stringMatching(/^api: instances of more than one configuration run/)] },
    ]);
  });
});

describe('who else leads traffic', () => {
  const routes = [{ proxy: 'edge', port: 8080 }];

  test('is nobody where nothing says so', async () => {
    expect(await examineTraffic(runtime, specOf({ routes }), project())).toEqual([]);
  });

  test('is named by service, with what to do', async () => {
    const compose = project({ labels: { 'traefik.enable': 'true' } });
    expect(await examineTraffic(runtime, specOf({ routes }), compose)).toEqual([
      {
        name: 'traffic',
        state: 'warn',
        text: expect.stringMatching(/^api: Traefik sends requests directly to its instances .*, past proxy edge/),
        todo: [expect.stringContaining('http://api:8080')],
      },
    ]);
  });
});
