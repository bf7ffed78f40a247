import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { seenImages } from '../../src/cli/init/images';
import { initServices } from '../../src/cli/init/services';
import { projectFolder } from '../compose/folder';
import { projectWith } from '../compose/projects';

const check = { Test: ['CMD', '/check'], Interval: 90e9, Timeout: 5e9 };
const listed = [
  { RepoTags: ['shop/api:1'], Config: { ExposedPorts: { '8080/tcp': {}, '53/udp': {} }, Healthcheck: check } },
  { RepoTags: ['shop-web:latest'], Config: { Healthcheck: { Test: ['NONE'] } } },
  { RepoTags: [], RepoDigests: ['nginx@sha256:12'], Config: {} },
];

let docker: ReturnType<typeof projectFolder>;
beforeEach(() => {
  const lines = listed.map((one) => JSON.stringify(one)).join('\n');
  docker = projectFolder({ docker: `#!/bin/sh\ncat <<'END'\n${lines}\nEND\necho no such image >&2\nexit 1\n` });
  chmodSync(join(docker.folder, 'docker'), 0o755);
});
afterEach(() => docker.remove());

const services = {
  api: { image: 'docker.io/shop/api:1' },
  web: { build: '.' },
  proxy: { image: 'docker.io/library/nginx:1.27@sha256:12' },
  gone: { image: 'shop/gone:1' },
};

const seen = (project = projectWith(services)) => seenImages(project, { PATH: `${docker.folder}:${process.env.PATH}` });

test('finds images of this host by the names of the Compose file, with EXPOSE and HEALTHCHECK', async () => {
  expect(await seen()).toEqual({
    'docker.io/shop/api:1': {
      ports: [8080],
      healthcheck: { test: ['CMD', '/check'], interval: 90_000, timeout: 5_000 },
    },
    'shop-web': { ports: [] },
    'docker.io/library/nginx:1.27@sha256:12': { ports: [] },
  });
  expect(await seenImages(projectWith(services), { PATH: '/nowhere' })).toEqual({});
});

test('asks the HEALTHCHECK of an image, with the time that it takes, unless another command runs', async () => {
  const command = ['worker'];
  const project = projectWith({ ...services, worker: { ...services.api, command } });
  const [api, web, , , worker] = initServices(project, { images: await seen(project) });
  expect(api!.healthcheck).toEqual({
    vacuous: undefined,
    within: 185_000,
    first: 90_000,
    asks: undefined,
    startPeriod: 0,
  });
  expect(web).toMatchObject({ builds: 'shop-web', isBuilt: true });
  expect(web!.healthcheck).toBeUndefined();
  expect(worker!.healthcheck).toBeUndefined();
});

test('tells the first HEALTHCHECK within a start period by the engine: an old one knows no start interval', () => {
  const project = projectWith({
    api: { image: 'a', healthcheck: { test: ['CMD', '/check'], interval: '1m0s', start_period: '20s' } },
  });
  const firstBy = (api?: string) => initServices(project, { api })[0]!.healthcheck?.first;
  expect([firstBy('1.43'), firstBy('1.44'), firstBy()]).toEqual([60_000, undefined, undefined]);
});
