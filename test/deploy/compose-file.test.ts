import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dynamicConfigArguments } from '../../src/cli/serve/arguments';
import { searchAttributeTypes } from '../../src/search-attributes';
import { projectRoot } from '../../testbed/root';

interface File {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file: string }>;
}

const read = (...path: string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');
const files = ['docker-compose.yml', 'compose.socket-proxy.yml'];
const text = files.map((file) => read(file)).join('');

interface Service {
  profiles: string[];
  depends_on?: Record<string, { condition: string }>;
  user: string;
  network_mode?: string;
  networks?: string[];
  image: string;
  command?: string[];
  read_only: boolean;
  cap_drop: string[];
  cap_add?: string[];
  security_opt: string[];
  mem_limit: string;
  restart: string;
  healthcheck?: object;
  stop_grace_period?: string;
  logging: { options: Record<string, string> };
  ports?: string[];
  secrets?: string[];
}

const [{ services, networks, secrets }, option] = files.map((file) => parse(read(file), { merge: true })) as [
  File,
  File,
];
const all = Object.entries({ ...services, 'socket-proxy': option.services['socket-proxy']! });
const jobs = ['schema', 'namespace'];
/** The worker's image has its own. */
const ownCheck = ['worker'];

describe('docker-compose.yml', () => {
  test.each(all)('%s has no more rights than it needs', (name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.mem_limit).toBeDefined();
    if (name === 'worker') return;
    expect(service.cap_add).toBeUndefined();
    if (name === 'socket-proxy') return expect(service.user).toBe('0:0');
    expect(service.user).toMatch(/^\$\{BELAY_UID:-[1-9]\d*\}:\$\{BELAY_GID:-[1-9]\d*\}$|^65534:65534$/);
  });

  test.each(all)('%s comes back, says whether it is well, and keeps its log small', (name, service) => {
    expect(service.logging.options['max-size']).toBeDefined();
    if (jobs.includes(name)) return expect(service.restart).toBe('no');
    expect(service.restart).toBe('unless-stopped');
    expect(service.stop_grace_period).toBeDefined();
    if (!ownCheck.includes(name)) expect(service.healthcheck).toBeDefined();
  });

  test.each(jobs)(
    'a service of the same profile waits for the end of %s: `up --wait` takes any other end for a failure',
    (job) => {
      const waiting = all.filter(
        ([, { depends_on }]) => depends_on?.[job]?.condition === 'service_completed_successfully',
      );
      expect(waiting.flatMap(([, { profiles }]) => profiles)).toContain(services[job]!.profiles[0]);
    },
  );

  test.each(all)('%s is of a version, and reached on loopback alone', (_name, { image, ports = [] }) => {
    expect(image).toMatch(/:v?\d+\.\d+/);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('lets the database be reached by those alone who need it', () => {
    expect(networks.database).toEqual({ internal: true });
  });

  test('gives each secret as a file, and none to who does not read it', () => {
    const used = new Set(all.flatMap(([, one]) => one.secrets ?? []));
    expect([...used].sort()).toEqual(Object.keys(secrets).sort());
    for (const { file } of Object.values(secrets)) expect(file).toMatch(/^\.\/deploy\/secrets\//);
    expect(read('scripts', 'production.sh')).toContain('deploy/secrets');
  });

  test('names every variable that it reads in .env.example, and no other', () => {
    const used = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!);
    const explained = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name!);
    expect([...new Set([...used, 'COMPOSE_PROFILES'])].sort()).toEqual(explained.sort());
  });

  test('gives each service the user, the networks and the capabilities that the docs say, and no other', () => {
    const rights = all.map(([name, { user, networks, network_mode, cap_add }]) => [
      name,
      { user: userOf(user), networks: networks ?? [network_mode!], capabilities: cap_add ?? ['none'] },
    ]);
    expect(Object.fromEntries(rights)).toEqual(rightsInDocs());
  });

  test('publishes these ports and no other: the Web UI and the HTTP API through ingress alone', () => {
    const published = all.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port.split(':').at(-1)}`));
    expect(published.sort()).toEqual([
      'ingress 7243',
      'ingress 8080',
      'postgres-exporter 9187',
      'temporal 7233',
      'temporal 9090',
    ]);
  });

  test('lets no page of another site read what Prometheus answers', () => {
    expect(services.prometheus!.command).toContain('--web.cors.origin=none');
  });
});

const userOf = (user: string): string => (user.includes('BELAY_UID') ? 'BELAY_UID' : user.split(':')[0]!);

interface Rights {
  user: string;
  networks: string[];
  capabilities: string[];
}

/** Returns rights by service, from the table of docs/production.md. A row without a name continues the one before. */
function rightsInDocs(): Record<string, Rights> {
  const [, table = ''] =
    /\| service \| user \| networks .*\n.*\n((?:\|.*\n)+)/.exec(read('docs', 'production.md')) ?? [];
  const rights: Record<string, Rights> = {};
  let names: string[] = [];
  for (const row of table.trim().split('\n')) {
    const [services, user, networks, capabilities] = row.split('|').slice(1, 5).map(words) as [
      string[],
      string[],
      string[],
      string[],
    ];
    if (services.length > 0) names = services;
    for (const name of names) {
      rights[name] ??= { user: user[0]!, networks, capabilities: [] };
      rights[name].capabilities.push(...capabilities);
    }
  }
  return rights;
}

const words = (cell: string): string[] => cell.match(/[\w-]+/g) ?? [];

test('the namespace has the search attributes of a release', () => {
  const [, written = ''] = /^ATTRIBUTES='(.*)'$/m.exec(read('deploy', 'temporal', 'namespace.sh')) ?? [];
  expect(written.split(' ')).toEqual(Object.entries(searchAttributeTypes).map(([name, type]) => `${name}=${type}`));
});

test('the server has the settings of the embedded one, and answers by its own name', () => {
  const ownName = ['temporal:*'];
  const settings = parse(read('deploy', 'temporal', 'dynamic-config', 'belay.yaml')) as Record<
    string,
    [{ value: unknown }]
  >;
  const embedded = dynamicConfigArguments.filter((one) => one.includes('=')).map((one) => one.split('='));
  const expected = embedded.map(([key, value]) => [key, JSON.parse(value!) as unknown]);
  const withName = (value: unknown) => (Array.isArray(value) ? [...(value as string[]), ...ownName] : value);
  const written = Object.entries(settings).map(([key, [{ value }]]) => [key, value]);
  expect(Object.fromEntries(written)).toEqual(
    Object.fromEntries(expected.map(([key, value]) => [key, withName(value)])),
  );
});

test('docs name each poll rate that a server of your own needs, and tell it to leave out the names of this stack', () => {
  const keys = Object.keys(parse(read('deploy', 'temporal', 'dynamic-config', 'belay.yaml')) as object);
  const docs = read('docs', 'production.md');
  for (const key of keys) expect(docs).toContain(key.startsWith('history.') ? `\`${key}\`` : `Leave \`${key}\` out`);
});

test('each alert has a paragraph in the runbook, and each paragraph an alert', () => {
  const { groups } = parse(read('deploy', 'prometheus', 'alerts.yml')) as {
    groups: Array<{ rules: Array<{ alert: string; annotations: { runbook: string } }> }>;
  };
  const rules = groups.flatMap((group) => group.rules);
  const paragraphs = [...read('docs', 'runbook.md').matchAll(/^## (.*)$/gm)].map(([, title]) => title!);
  expect(paragraphs).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, annotations } of rules) {
    expect(read('deploy', 'prometheus', 'alerts.test.yml')).toContain(`alertname: ${alert}`);
    expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
  }
});
