import { formatSpecErrors, parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';

const base = `platform: shop
compose: [compose.yaml]
environments: { staging: staging.yaml }
proxies:
  edge: { kind: haproxy, socket: /run/h.sock, config: /etc/h.cfg }
services:
  api:
    instances: 3
    routes: [{ proxy: edge, port: 8080 }, { proxy: edge, backend: admin, port: 8081 }]
    strategy: { kind: rolling, surge: 2, pause_after: 1 }
    health: { ready: { http: /ready, every: 2s } }
  web: { instances: 2 }
`;

const parsed = (overlay: string, text = base) =>
  parseSpec({ text, file: 'belay.yaml', overlay: { text: overlay, file: 'staging.yaml', env: 'staging' } });

function accepted(overlay: string): Spec {
  const result = parsed(overlay);
  if ('errors' in result) throw new Error(formatSpecErrors(result.errors));
  return result.spec;
}

function refused(overlay: string, text = base): string {
  const result = parsed(overlay, text);
  return 'errors' in result ? formatSpecErrors(result.errors) : '';
}

describe('an overlay', () => {
  test('merges maps however deep, and leaves what it does not name', () => {
    const { services, proxies } = accepted(
      'services: { api: { instances: 1, strategy: { pause_after: null }, health: { ready: { every: 1s } } } }',
    );
    expect(services.api).toMatchObject({
      instances: 1,
      strategy: { kind: 'rolling', surge: 2 },
      health: { ready: { http: '/ready', every: 1000 } },
    });
    expect(services.api!.strategy).not.toHaveProperty('pause_after');
    expect(services.web!.instances).toBe(2);
    expect(proxies.edge).toMatchObject({ socket: '/run/h.sock' });
  });

  test('replaces lists as a whole', () => {
    const { services, compose } = accepted(
      'compose: [compose.yaml, compose.staging.yaml]\nservices: { api: { routes: [{ proxy: edge, port: 9090 }] } }',
    );
    expect(services.api!.routes).toEqual([{ proxy: 'edge', port: 9090 }]);
    expect(compose).toEqual(['compose.yaml', 'compose.staging.yaml']);
  });

  test('takes out with null', () => {
    expect(Object.keys(accepted('services: { web: null }').services)).toEqual(['api']);
  });

  test('puts a mapping in the place of something else', () => {
    const text = base.replace('instances: 2', 'env: none');
    expect(parsed('services: { web: { env: null, instances: 1 } }', text)).toMatchObject({
      spec: { services: { web: { instances: 1 } } },
    });
  });

  test.each(['', '\n', '# nothing yet\n', '---\n', '{}'])('of nothing changes the name alone: %j', (text) => {
    const { platform, services } = accepted(text);
    expect({ platform, services: Object.keys(services) }).toEqual({
      platform: 'shop-staging',
      services: ['api', 'web'],
    });
  });

  test('may name the platform', () => {
    expect(accepted('platform: shop-two').platform).toBe('shop-two');
  });

  test('leaves the file under it as it is', () => {
    accepted('services: { web: null }');
    expect(parseSpec({ text: base, file: 'belay.yaml' })).toMatchObject({
      spec: { platform: 'shop', services: { web: { instances: 2 } } },
    });
  });
});

const bad: Array<[what: string, overlay: string, message: string, base?: string]> = [
  [
    'a wrong value, in the file that has it',
    'services:\n  api:\n    instances: two\n',
    'staging.yaml:3:16 services.api.instances: takes a number, not the text "two"',
  ],
  [
    'an unknown key',
    'services: { api: { instnaces: 2 } }',
    'staging.yaml:1:20 services.api.instnaces: is not a known key — did you mean instances?',
  ],
  [
    'a wrong item of a list that it replaces',
    'services:\n  api:\n    routes:\n      - { proxy: edge, port: 80 }\n      - { proxy: egde, port: 81, backend: b }\n',
    'staging.yaml:5:18 services.api.routes[1].proxy: there is no proxy egde — did you mean edge?',
  ],
  [
    'what is missing from a mapping of its own',
    'proxies: { other: { kind: haproxy, socket: /run/o.sock } }',
    "staging.yaml:1:12 proxies.other.config: is missing — write config: … (The path of HAProxy's configuration file; read, never written)",
  ],
  [
    'what it has taken out and is needed, where it is taken out',
    'proxies: { edge: { config: null } }',
    "staging.yaml:1:28 proxies.edge.config: is missing — write config: … (The path of HAProxy's configuration file; read, never written)",
  ],
  [
    'what belay.yaml alone has wrong, there',
    'services: { api: { keep: 5 } }',
    'belay.yaml:12:21 services.web.instances: takes a number, not the text "two"',
    base.replace('instances: 2', 'instances: two'),
  ],
  [
    'what belay.yaml alone has wrong in a mapping of both, there',
    'services: { web: { keep: 5 } }',
    'belay.yaml:12:10 services.web.instnaces: is not a known key — did you mean instances?',
    base.replace('web: { instances: 2 }', 'web: { instnaces: 2 }'),
  ],
  [
    'what is wrong in belay.yaml because of the overlay, with the way out',
    'services: { api: { instances: 1 } }',
    'belay.yaml:10:55 services.api.strategy.pause_after: is never reached with 1 instance — leave it out; without staging.yaml it is right: change it there, where null removes a key',
  ],
  [
    'a reference to what it has taken out',
    'proxies: { edge: null }',
    [
      'belay.yaml:9:23 services.api.routes[0].proxy: there is no proxy edge — add it under proxies; without staging.yaml it is right: change it there, where null removes a key',
      'belay.yaml:9:52 services.api.routes[1].proxy: there is no proxy edge — add it under proxies; without staging.yaml it is right: change it there, where null removes a key',
    ].join('\n'),
  ],
  [
    'two kinds of a check, where the second came in',
    'services: { api: { health: { ready: { docker: true } } } }',
    'staging.yaml:1:37 services.api.health.ready: has http and docker — write exactly one of http, https, tcp, grpc, docker, command, metric and log',
  ],
  [
    'a null that takes out nothing',
    'services: { api: { drain: null } }',
    'staging.yaml:1:20 services.api.drain: is not in belay.yaml, so there is nothing to remove — leave it out: null removes keys of belay.yaml',
  ],
  [
    'a key that is left empty, which may be a slip',
    'services:\n  web:\n',
    'staging.yaml:2:3 services.web: is left empty — write null to remove it',
  ],
  [
    'environments of its own',
    'environments: { two: two.yaml }',
    'staging.yaml:1:1 environments: cannot be in an overlay — write it in belay.yaml, which every environment is made from',
  ],
  [
    'the platform of belay.yaml',
    'platform: shop',
    'staging.yaml:1:11 platform: is the platform of belay.yaml itself — leave it out, or write another: two platforms of one name would be one on the host',
  ],
  [
    'a name that becomes too long',
    '',
    'belay.yaml:1:11 platform: is 43 characters long — write 40 at most; without staging.yaml it is right: change it there, where null removes a key',
    base.replace('shop', 's'.repeat(35)),
  ],
  ['what is no mapping', '[a]', 'staging.yaml:1:1 is not a mapping — write key: value'],
  ['a belay.yaml that is no mapping', 'keep: 1', 'belay.yaml:1:1 is not a mapping — write key: value', '[a]'],
  [
    'what is not built yet',
    'windows: { open: [] }',
    'staging.yaml:1:1 windows: `windows` is not built yet — start the release when it may run',
  ],
  [
    'what is no YAML, and nothing that may follow from it',
    'services: { api: { image: a }\n',
    'staging.yaml:2:1 is not YAML: Flow map in block collection must be sufficiently indented and end with a }',
    base.replace('instances: 2', ''),
  ],
  [
    'both files at once, belay.yaml first',
    'services:\n  api: { keep: 0 }\n',
    [
      'belay.yaml:12:21 services.web.instances: takes 1 or more, not 0',
      'staging.yaml:2:16 services.api.keep: takes 1 or more, not 0',
    ].join('\n'),
    base.replace('instances: 2', 'instances: 0'),
  ],
];

test.each(bad.map(([what, overlay, message, text]) => ({ what, overlay, message, text })))(
  'refuses $what',
  ({ overlay, message, text }) => {
    expect(refused(overlay, text)).toBe(message);
  },
);
