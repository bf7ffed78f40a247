import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../testbed/root';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-deploy-'));
  const left = (path: string) => !/deploy\/(secrets|docker)/.test(path);
  for (const one of ['deploy', 'scripts/production.sh', '.env.example'])
    cpSync(join(projectRoot, one), join(folder, one), { recursive: true, filter: left });
  const own = {
    BELAY_HOME: join(folder, 'home'),
    BELAY_UID: `${process.getuid!()}`,
    BELAY_GID: `${process.getgid!()}`,
  };
  writeFileSync(
    join(folder, '.env'),
    Object.entries(own)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
});

afterEach(() => rmSync(folder, { recursive: true }));

const script = () => join(folder, 'scripts', 'production.sh');
const production = (...options: string[]) => execFileSync(script(), options, { encoding: 'utf8' });
const modeOf = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o777;

test('what a clone with umask 077 has hidden is readable for the containers, and what is secret is not', () => {
  for (const one of readdirSync(join(folder, 'deploy'), { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, 'deploy', one);
    chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);
  }
  chmodSync(join(folder, 'deploy'), 0o700);
  expect(production()).toContain('made deploy readable');
  expect([modeOf('deploy'), modeOf('deploy', 'temporal'), modeOf('deploy', 'temporal', 'schema.sh')]).toEqual([
    0o755, 0o755, 0o644,
  ]);
  for (const one of readdirSync(join(folder, 'deploy', 'secrets')))
    expect(modeOf('deploy', 'secrets', one)).toBe(0o600);
  expect(modeOf('deploy', 'docker', 'config.json')).toBe(0o600);
});

test('a second time changes nothing', () => {
  production();
  expect(production()).toBe('production: .env is there: left as it is\n');
});

test('an option that .env does not agree with is named, and all the rest is made', () => {
  appendFileSync(join(folder, '.env'), 'BELAY_HOST="web-1"\nBELAY_SPECS=/srv/\n');
  const { status, stderr } = spawnSync(script(), ['--host', 'web-9', '--specs', '/opt'], { encoding: 'utf8' });
  const advice = 'Change it there while no release runs, then: docker compose up -d worker';
  expect({ status, said: stderr.trim().split('\n') }).toEqual({
    status: 1,
    said: [
      `production: --host web-9 is not taken: .env says BELAY_HOST=web-1. ${advice}`,
      `production: --specs /opt is not taken: .env says BELAY_SPECS=/srv/. ${advice}`,
    ],
  });
  expect(modeOf('deploy', 'secrets', 'grafana_password')).toBe(0o600);
});

test('options that .env agrees with are nothing to speak of', () => {
  appendFileSync(join(folder, '.env'), 'BELAY_HOST="web-1"\nBELAY_SPECS=/srv/\n');
  production();
  expect(production('--host', 'web-1', '--specs', '/srv')).toBe('production: .env is there: left as it is\n');
});

test('the first options go into .env', () => {
  rmSync(join(folder, '.env'));
  expect(production('--host', 'web-1', '--specs', folder)).toContain(`wrote .env: host web-1, platforms in ${folder}`);
  expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(/^BELAY_HOST=web-1$/m);
});

const ports = {
  BELAY_METRICS_PORT: '1',
  TEMPORAL_METRICS_PORT: '2',
  POSTGRES_METRICS_PORT: '3',
  PROMETHEUS_PORT: '4',
  ALERTMANAGER_PORT: '5',
};

function startPrometheus(profiles: string): { targets: string[]; said: string } {
  const own = { TARGETS: join(folder, 'targets'), PROMETHEUS: 'true', COMPOSE_PROFILES: profiles };
  const { status, stderr } = spawnSync('sh', [join(folder, 'deploy', 'prometheus', 'start.sh')], {
    env: { PATH: process.env.PATH, ...ports, ...own },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return { targets: readdirSync(own.TARGETS).sort(), said: stderr };
}

const targets = (profiles: string): string[] => startPrometheus(profiles).targets;

test('Prometheus scrapes what the profiles start, and nothing else', () => {
  const always = ['alertmanager.yml', 'prometheus.yml'];
  expect(targets('worker,observability')).toEqual([...always, 'belay-worker.yml'].sort());
  expect(targets('server,observability')).toEqual([...always, 'postgres.yml', 'temporal.yml'].sort());
  const all = [...always, 'belay-worker.yml', 'postgres.yml', 'temporal.yml'].sort();
  expect(targets('server,worker,observability')).toEqual(all);
  expect(targets('')).toEqual(all);
  expect(targets('*')).toEqual(all);
  expect(targets('observability,*')).toEqual(all);
  expect(readFileSync(join(folder, 'targets', 'temporal.yml'), 'utf8')).toBe("- targets: ['127.0.0.1:2']\n");
});

test('Prometheus says at its start what it scrapes, and which profile is missing for the rest', () => {
  const { said } = startPrometheus('worker,observability');
  expect(said).toContain('scrapes belay-worker at 127.0.0.1:1\n');
  expect(said).toContain('COMPOSE_PROFILES=worker,observability does not start server: it is not scraped\n');
});

test('each target file that Prometheus reads is one that its start writes', () => {
  targets('');
  const read = readFileSync(join(projectRoot, 'deploy', 'prometheus', 'prometheus.yml'), 'utf8');
  const named = [...read.matchAll(/\/tmp\/targets\/([\w-]+\.yml)/g)].map(([, name]) => name!);
  expect([...new Set(named)].sort()).toEqual(readdirSync(join(folder, 'targets')).sort());
});
