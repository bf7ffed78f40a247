import { assertCarried, carriedProblems, composeWarnings } from '../../src/runtimes/docker/compose/carried';
import { readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { withoutPorts } from '../../src/runtimes/docker/compose/fronted';
import type { ComposeProject, ComposeService } from '../../src/runtimes/docker/compose/project';
import type { CarriedUse } from '../../src/spec/compose-uses';
import { beside, everything } from './everything';
import { projectFolder } from './folder';
import { projectWith } from './projects';

const use: CarriedUse = { hasImage: false, routed: false };
const at = 'compose.yaml services.api';
const projectOf = (api: ComposeService, more: Partial<ComposeProject> = {}) =>
  projectWith({ api: { image: 'api:2', ...api } }, more);
const problems = (api: ComposeService, more: Partial<CarriedUse> = {}, project: Partial<ComposeProject> = {}) =>
  carriedProblems(projectOf(api, project), { api: { ...use, ...more } });
const warnings = (api: ComposeService, project: Partial<ComposeProject> = {}, more: Partial<CarriedUse> = {}) =>
  composeWarnings(projectOf(api, project), { api: { ...use, ...more } });

describe('what is carried over', () => {
  test('leaves nothing to say about what Compose prints by itself', async () => {
    const { folder, remove } = projectFolder({
      ...beside,
      'compose.yaml': everything({ name: 'all', image: 'api:2', external: 'other' }),
    });
    try {
      const project = await readCompose({ folder, file: 'compose.yaml' });
      const uses = Object.fromEntries(Object.keys(project.services).map((name) => [name, use]));
      expect(carriedProblems(project, uses)).toEqual([]);
      expect(composeWarnings(project, uses)).toEqual([
        expect.stringMatching(/^compose.yaml:\d+ services.delayed.deploy.restart_policy.delay: only Docker Swarm uses/),
        expect.stringMatching(/^compose.yaml:\d+ services.mounted.volumes\[\/anonymous\].target: has no name/),
        expect.stringMatching(
          /^compose.yaml:\d+ services.secretive.configs\[\/etc\/settings\].mode: a file is mounted/,
        ),
      ]);
    } finally {
      remove();
    }
  });

  test.each([
    [{ invented: 1 }, 'invented: is not carried over: remove it, or leave the service to Compose'],
    [{ deploy: { invented: 1 } }, 'deploy.invented: is not carried over'],
    [{ networks: { default: { invented: 1 } } }, 'networks.default.invented: is not carried over'],
    [{ ports: [{ target: 80 }] }, 'ports: remove it: Belay gives each instance a loopback port of its own'],
    [{ volumes_from: ['db'] }, 'volumes_from: the other container is replaced'],
    [{ network_mode: 'service:db' }, 'network_mode: the namespace ends when the other container is replaced'],
    [{ network_mode: 'container:db' }, 'network_mode: the namespace ends when the other container is replaced'],
    [{ pid: 'service:db' }, 'pid: the namespace ends when the other container is replaced'],
    [{ ipc: 'container:db' }, 'ipc: the namespace ends when the other container is replaced'],
    [{ links: ['db:database'] }, 'links: give the other service that name as an alias'],
    [{ post_start: [{ command: ['x'] }] }, 'post_start: Belay runs no hooks'],
    [
      { volumes: [{ type: 'npipe', source: 'a', target: '/t' }] },
      'volumes[/t].type: is neither bind, volume nor tmpfs',
    ],
    [{ ports: [{ target: 53, published: '53', protocol: 'udp' }] }, 'ports: only one container can have a UDP port'],
    [{ secrets: [{ source: 'key' }] }, 'secrets[key].source: is not among the secrets of the file'],
    [{ depends_on: { api: { condition: 'service_started' } } }, 'depends_on: a service cannot wait for itself'],
  ] as Array<[ComposeService, string]>)('names %j and the way out', (service, message) => {
    expect(problems(service)).toEqual([expect.stringContaining(`${at}.${message}`)]);
  });

  test('lets a proxy publish a port in the place of a service, once, and names what else is published', () => {
    const project = (ports: object[]) => withoutPorts(projectOf({ ports }), { api: [80] });
    const said = (ports: object[]) => carriedProblems(project(ports), { api: use });
    expect(said([{ target: 80, published: '8080', protocol: 'tcp' }])).toEqual([]);
    const both = ['0.0.0.0', '::'].map((host_ip) => ({ target: 80, published: '8080', protocol: 'tcp', host_ip }));
    expect(said(both)).toEqual([]);
    const beside = (other: object) =>
      said([
        { target: 80, published: '8080', protocol: 'tcp' },
        { target: 80, ...other },
      ]);
    expect(beside({ published: '9090', protocol: 'tcp' })).toEqual([expect.stringContaining(`${at}.ports: remove it`)]);
    expect(beside({ published: '8080', protocol: 'udp' })).toEqual([
      expect.stringContaining(`${at}.ports: only one container can have a UDP port`),
    ]);
  });

  test('takes no port away where the port of a route is wrong', () => {
    const wrong = { target: 3000, published: '23480', protocol: 'tcp' };
    const left = (ports: object[], fronted: number[]) => problems({ ports }, { fronted });
    expect(left([wrong], [3001])).toEqual([
      `${at}.ports: publishes 23480 to port 3000, and no route of the service has port 3000 (its routes in belay.yaml have 3001): correct the port of the route, add a route with port 3000, or take the port away here`,
    ]);
    const twoMore = [{ target: 80, published: '8080' }, wrong, { target: 53, protocol: 'udp' }];
    expect(left(twoMore, [80])).toEqual([expect.stringContaining('no route of the service has port 3000 (its')]);
    expect(left([wrong], [])).toEqual([expect.stringContaining('ports: remove it')]);
    const uses = { api: { ...use, fronted: [3001] } };
    expect(() => assertCarried(projectOf({ ports: [wrong] }), uses)).toThrow(
      expect.objectContaining({ hint: 'correct belay.yaml or compose.yaml' }),
    );
  });

  test('says of a port that Docker chooses that the proxy publishes none in its place', () => {
    const said = (published?: string) => warnings({ ports: [{ target: 80, published }] }, {}, { fronted: [80] });
    for (const chosen of [undefined, '0'])
      expect(said(chosen)).toEqual([expect.stringContaining('write a fixed one, such as 80:80')]);
    expect(said('8080')).toEqual([]);
    const chosen = { target: 80 };
    expect(problems({ ports: [chosen] }, { fronted: [80] })).toEqual([]);
    for (const left of [
      { target: 80, published: '8080-8090' },
      { target: 80, published: '8080' },
    ])
      expect(problems({ ports: [chosen, left] }, { fronted: [80] })).toEqual([
        expect.stringContaining(`${at}.ports: remove it`),
      ]);
    expect(warnings({ ports: [{ target: 81 }] }, {}, { fronted: [80] })).toEqual([]);
  });

  test('sends nobody to a route that no proxy could follow', () => {
    const ports = [{ target: 80, published: '80' }];
    expect(problems({ ports, network_mode: 'bridge' })).toEqual([
      expect.stringContaining('with network_mode no proxy that Belay runs reaches them'),
    ]);
  });

  test('lets ports be that have no effect in the network of the host, and says so', () => {
    const api = { ports: [{ target: 80, published: '80' }], network_mode: 'host' };
    expect(problems(api)).toEqual([]);
    expect(warnings(api)).toEqual([expect.stringContaining('has no effect with network_mode: host')]);
  });

  test('lets the one instance that is stopped before the next one publish its UDP ports itself', () => {
    const ports = [{ target: 53, published: '53', protocol: 'udp' }];
    const alone = { together: false };
    expect(problems({ ports }, alone)).toEqual([]);
    for (const many of [problems({ ports, scale: 2 }, alone), problems({ ports }, { ...alone, instances: 2 })])
      expect(many).toEqual([expect.stringContaining('only one container can have a UDP port')]);
    const withTcp = [...ports, { target: 53, published: '53', protocol: 'tcp' }];
    expect(problems({ ports: withTcp }, alone)).toEqual([expect.stringContaining(`${at}.ports: remove it`)]);
  });

  test('refuses what two instances cannot both have, where two run at once', () => {
    const service = {
      mac_address: '02:42:ac:11:00:02',
      networks: { default: { ipv4_address: '10.0.0.2', ipv6_address: 'fd00::2', link_local_ips: ['169.254.1.1'] } },
    };
    expect(problems(service)).toEqual([]);
    expect(problems(service, { together: true })).toEqual([
      expect.stringContaining(`${at}.networks.default.ipv4_address: two instances run at once`),
      expect.stringContaining(`${at}.networks.default.ipv6_address:`),
      expect.stringContaining(`${at}.networks.default.link_local_ips:`),
      expect.stringContaining(`${at}.mac_address:`),
    ]);
  });

  test.each(['host', 'none'])('refuses network_mode %s where the spec asks at ports', (network_mode) => {
    expect(problems({ network_mode })).toEqual([]);
    expect(problems({ network_mode }, { routed: true })).toEqual([
      expect.stringContaining('network_mode: an instance'),
    ]);
    expect(problems({ network_mode }, { asked: true })).toEqual([expect.stringContaining('network_mode: an instance')]);
    expect(problems({ network_mode: 'bridge' }, { routed: true })).toEqual([]);
  });

  test('refuses secrets and configs that nobody keeps, and text for a read-only file system', () => {
    const project = {
      secrets: { kept: { external: true }, word: { environment: 'WORD' } },
      configs: { note: { content: 'text' } },
    };
    const service = {
      read_only: true,
      secrets: [{ source: 'kept' }, { source: 'word' }],
      configs: [{ source: 'note' }],
    };
    expect(problems(service, {}, project)).toEqual([
      expect.stringContaining(`${at}.secrets[word].source: is written into the container`),
      expect.stringContaining(`${at}.configs[note].source: is written into the container`),
      expect.stringContaining('compose.yaml secrets.kept.external: there is no store of Swarm'),
    ]);
    expect(problems({ ...service, read_only: false }, {}, project)).toHaveLength(1);
  });

  test('looks at the networks and volumes that the services use, and at no others', () => {
    const networks = { default: { name: 'n', enable_ipv4: false }, other: { name: 'o', invented: 1 } };
    expect(problems({}, {}, { networks } as never)).toEqual([]);
    const used = { networks: { default: { name: 'n', enable_ipv4: true, invented: 1 } } };
    expect(problems({}, {}, used as never)).toEqual([
      expect.stringContaining('compose.yaml networks.default.enable_ipv4:'),
      expect.stringContaining('compose.yaml networks.default.invented: is not carried over'),
    ]);
  });

  test('wants an image, in the file or in the spec', () => {
    const build = { image: undefined, build: { context: '.' } };
    expect(problems(build)).toEqual([`${at}.build: has no image beside it: build and push first, then name the image`]);
    expect(problems(build, { hasImage: true })).toEqual([]);
    expect(problems({ image: undefined })).toEqual([`${at}.image: is missing: name the image here or in the spec`]);
  });

  test('lets nothing past the proxy', () => {
    const api = { networks: { default: { aliases: ['other'] } } };
    expect(problems(api)).toEqual([]);
    expect(problems(api, { routed: true })).toEqual([
      `${at}.networks.default.aliases: would bring traffic past the proxy: remove it, or the routes from the spec`,
    ]);
  });

  test('is said with the line of the file, where the file shows it', () => {
    const text = 'services:\n  web: { ports: [80] }\n  api:\n    # ports\n    image: api:2\n    ports:\n      - 80\n';
    const service = { ports: [{ target: 80 }] };
    expect(problems(service, {}, { text })[0]).toMatch(/^compose\.yaml:6 services\.api\.ports:/);
    expect(problems({ volumes_from: ['merged'] }, {}, { text })[0]).toMatch(
      /^compose\.yaml:3 services\.api\.volumes_from:/,
    );
    expect(problems(service, {}, { text: 'include: [other.yaml]' })[0]).toMatch(/^compose\.yaml services\.api\.ports:/);
  });

  test('looks only at services that the spec names, and says all at once', () => {
    const project = projectWith({
      a: { image: 'a', post_start: [{ command: ['x'] }], volumes_from: ['b'] },
      b: { image: 'b', ports: [{ target: 80 }] },
      c: { ports: [{ target: 80 }] },
    });
    expect(() => assertCarried(project, { a: use, b: use, none: use })).toThrow(
      expect.objectContaining({
        code: 'compose-invalid',
        message: expect.stringMatching(
          /a\.post_start.*\n.*a\.volumes_from.*\n.*b\.ports.*\n.*services\.none: the spec names it, but the Compose file does not have it: it has a, b, c/,
        ),
      }),
    );
    expect(() => assertCarried(project, {})).not.toThrow();
  });
});

describe('what is not missed at run time is said', () => {
  test.each([
    [{ links: ['db', 'cache:cache'] }, 'links: services on one network reach each other by their names'],
    [{ pull_policy: 'never' }, 'pull_policy: the image is pinned'],
    [{ deploy: { mode: 'global' } }, 'deploy.mode: only Docker Swarm uses it'],
    [{ deploy: { update_config: { order: 'start-first' } } }, 'deploy.update_config: only Docker Swarm uses it'],
    [{ deploy: { restart_policy: { delay: '1s' } } }, 'deploy.restart_policy.delay: only Docker Swarm uses it'],
    [{ credential_spec: { file: 'x' } }, 'credential_spec: only Windows has it'],
    [{ volumes: [{ type: 'volume', target: '/t', volume: {} }] }, 'volumes[/t].target: has no name'],
    [
      { volumes: [{ type: 'volume', source: 'data', target: '/t', bind: { selinux: 'z' } }] },
      'volumes[/t].bind.selinux: Compose itself does not pass it on there',
    ],
    [
      { volumes: [{ type: 'bind', source: '/a', target: '/t', bind: { selinux: 'z' } }] },
      'volumes[/t].bind.selinux: Compose itself does not pass it on there',
    ],
    [{ container_name: 'shop' }, 'container_name: still leads to the instances on their networks'],
  ] as Array<[ComposeService, string]>)('of %j', (service, message) => {
    expect(warnings(service)).toEqual([expect.stringContaining(`${at}.${message}`)]);
    expect(problems(service)).toEqual([]);
  });

  test.each([
    { pull_policy: 'always' },
    { deploy: { mode: 'replicated', replicas: 2 } },
    { attach: false, develop: { watch: [{ path: '.' }] }, profiles: ['all'], scale: 2, 'x-note': 'mine' },
    { depends_on: { db: { condition: 'service_healthy' } } },
  ] as ComposeService[])('and nothing of %j', (service) => {
    expect(warnings(service)).toEqual([]);
    expect(problems(service)).toEqual([]);
  });

  test('in one line for all places of one kind', () => {
    const project = projectWith({ a: { image: 'a', container_name: 'first' }, b: { image: 'b', container_name: 'b' } });
    expect(composeWarnings(project, { a: use, b: use })).toEqual([
      expect.stringMatching(/services\.a\.container_name, .*services\.b\.container_name: still leads/),
    ]);
    expect(composeWarnings(project, { a: { ...use, routed: true } })).toEqual([
      expect.stringMatching(/services\.a\.container_name: is not kept: it would lead past the proxy/),
    ]);
  });

  test('of the owner and the mode of a file that is mounted, and not of one that is written', () => {
    const project = { secrets: { key: { file: '/key' }, word: { environment: 'WORD' } }, configs: {} };
    const secret = (source: string) => ({ secrets: [{ source, uid: '7', mode: 0o400 }] });
    expect(warnings(secret('key'), project)).toEqual([
      expect.stringMatching(/secrets\[key\]\.uid, .*secrets\[key\]\.mode: a file is mounted/),
    ]);
    expect(warnings(secret('word'), project)).toEqual([]);
  });
});
