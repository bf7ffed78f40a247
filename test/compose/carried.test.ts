import { assertCarried, carriedProblems } from '../../src/compose/carried';
import { readCompose } from '../../src/compose/compose-config';
import type { ComposeService } from '../../src/compose/project';
import { projectFolder } from './folder';
import { projectWith } from './projects';

const use = { hasImage: false, routed: false };
const problems = (api: ComposeService, more = {}) =>
  carriedProblems(projectWith({ api }), { api: { ...use, ...more } });
const later = 'remove it, or leave the service to Compose by not naming it in the spec';

describe('what is carried over', () => {
  test('leaves nothing to say about what Compose prints by itself', async () => {
    const file = `
services:
  api:
    build: .
    image: api:2
    environment: { A: '1' }
    env_file: [api.env]
    command: serve
    entrypoint: /bin/app
    healthcheck: { test: curl -f http://localhost, interval: 3s }
    labels: [tier=web]
    user: '1000'
    stop_signal: SIGINT
    stop_grace_period: 1m
    restart: unless-stopped
    deploy: { replicas: 2 }
    networks: { default: {}, back: { aliases: [other] } }
    volumes: ['data:/data', './config:/config:ro']
    x-note: mine
  plain: { image: api:2 }
  checkless: { image: api:2, healthcheck: { disable: true } }
networks: { back: {} }
volumes: { data: {} }
`;
    const { folder, remove } = projectFolder({ 'compose.yaml': file, 'api.env': 'B=2' });
    try {
      const project = await readCompose({ folder, file: 'compose.yaml' });
      expect(carriedProblems(project, { api: use, plain: { ...use, routed: true }, checkless: use })).toEqual([]);
    } finally {
      remove();
    }
  });

  test.each([
    [{ privileged: true }, `privileged: is not carried over yet: ${later}`],
    [{ depends_on: { db: { condition: 'service_started' } } }, `depends_on: is not carried over yet: ${later}`],
    [{ init: true }, `init: is not carried over yet: ${later}`],
    [{ network_mode: 'host' }, `network_mode: is not carried over yet: ${later}`],
    [
      { deploy: { replicas: 2, resources: { limits: { cpus: 0.5 } } } },
      `deploy.resources: is not carried over yet: ${later}`,
    ],
    [{ healthcheck: { start_interval: '1s' } }, `healthcheck.start_interval: is not carried over yet: ${later}`],
    [
      { networks: { default: { ipv4_address: '10.0.0.2' } } },
      `networks.default.ipv4_address: is not carried over yet: ${later}`,
    ],
    [{ ports: [{ target: 80 }] }, /^ports: remove it: Belay gives each instance a loopback port of its own/],
    [{ container_name: 'api' }, /^container_name: remove it: instances live side by side/],
    [{ scale: 2 }, /^scale: .*deploy\.replicas/],
    [{ restart: 'always' }, /^restart: .*unless-stopped/],
    [{ volumes: [{ type: 'tmpfs', target: '/t' }] }, `volumes /t: type tmpfs is not carried over yet: ${later}`],
    [{ volumes: [{ type: 'volume', target: '/t' }] }, /^volumes \/t: has no name/],
    [
      { volumes: [{ type: 'volume', source: 'a', target: '/t', volume: { nocopy: true } }] },
      /^volumes \/t volume.nocopy: is not/,
    ],
    [
      { volumes: [{ type: 'bind', source: '/a', target: '/t', bind: { propagation: 'shared' } }] },
      /^volumes \/t bind.propagation: is not/,
    ],
  ] as Array<[ComposeService, string | RegExp]>)('names %j and the way out', (service, message) => {
    const found = problems({ image: 'api:2', ...service });
    expect(found).toHaveLength(1);
    const [, said] = /^compose\.yaml services\.api\.?\s?(.*)$/.exec(found[0]!)!;
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  test('wants an image, in the file or in the spec', () => {
    const build = { build: { context: '.' } };
    expect(problems(build)).toEqual([
      'compose.yaml services.api.build: has no image beside it: build and push first, then name the image',
    ]);
    expect(problems(build, { hasImage: true })).toEqual([]);
    expect(problems({})).toEqual(['compose.yaml services.api.image: is missing: name the image here or in the spec']);
  });

  test('lets nothing past the proxy', () => {
    const api = { image: 'api:2', networks: { default: { aliases: ['other'] } } };
    expect(problems(api)).toEqual([]);
    expect(problems(api, { routed: true })).toEqual([
      'compose.yaml services.api.networks.default.aliases: would bring traffic past the proxy: remove it, or the routes from the spec',
    ]);
  });

  test('looks only at services that the spec names, and says all at once', () => {
    const project = projectWith({
      a: { image: 'a', init: true, tty: true },
      b: { image: 'b', ports: [{ target: 80 }] },
      c: { privileged: true },
    });
    expect(() => assertCarried(project, { a: use, b: use, none: use })).toThrow(
      expect.objectContaining({
        code: 'compose-invalid',
        message: expect.stringMatching(
          /a\.init.*\n.*a\.tty.*\n.*b\.ports.*\n.*services\.none: is not there: the file has a, b, c/,
        ),
      }),
    );
    expect(() => assertCarried(project, {})).not.toThrow();
  });
});
