import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureFront as ensureFrontStep, takeFrontAway } from '../../activities/steps/bring-front';
import type { Turn } from '../../activities/steps/turn';
import type { Fronts } from '../../src/host';
import { kernelRedirects } from '../../src/hosts/redirect';
import { refuseNew } from '../../src/hosts/refuse-new';
import { tcpSockets } from '../../src/hosts/sockets';
import type { Front } from '../../src/model/desired';
import { dismissFront, ensureFront, leavingSince, removeFront } from '../../src/proxies/haproxy/managed';
import { docker, fromSetup, waitFor } from '../../testbed';
import { type ManagedBed, managedBed } from '../proxies/managed-bed';
import { trackIpv6 } from './ipv6-tracking';

const run = promisify(execFile);
const outside = { name: 'e2etake', here: '198.18.78.1', there: '198.18.78.2' };
/** As long as the kernel's buffers on the way to a client that does not read. */
const long = 'x'.repeat(160_000);
let bed: ManagedBed;
let fronts: Fronts;
let own: string;
let service: string;
const children = new Set<ChildProcess>();

/** A service that costs no time, so that a busy machine still answers hundreds of clients a second. */
const serviceFile = `
global
  tune.bufsize 262144
defaults
  mode http
  timeout client 1m
  timeout server 1m
  timeout connect 1s
frontend api
  bind :8080
  bind [::]:8080 v6only
  http-request return status 200 content-type text/plain string ${long} if { path /long }
  http-request return status 200 content-type text/plain string ok
`;

beforeAll(async () => {
  bed = await managedBed({ subnet6: 'fd00:78::/64' });
  own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal && !one.address.startsWith('172.'))!.address;
  fronts = frontsOf(bed);
  service = `${bed.prefix}-service`;
  writeFileSync(join(bed.folder, 'service.cfg'), serviceFile);
  await startService(service);
  await setCable();
  await trackIpv6('-A');
}, 180_000);

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  // The container may still have the port.
  await docker(['rm', '-f', composed()]).catch(() => undefined);
});

afterAll(async () => {
  await run('ip', ['netns', 'del', outside.name]).catch(() => undefined);
  await kernelRedirects().seek({ platform: bed.prefix, proxy: 'edge', service: 'api' }, []);
  await trackIpv6('-D').catch(() => undefined);
  await bed.close();
}, 180_000);

const composed = () => `${bed.prefix}-composed`;

const startService = (name: string, ...options: string[]) =>
  docker(
    `run -d --name ${name} --network ${bed.network} -v ${bed.folder}:/files:ro --stop-signal SIGUSR1`
      .split(' ')
      .concat(options, ['--entrypoint', 'haproxy', bed.images[0], '-f', '/files/service.cfg']),
  );

/** A machine beside this one: a network namespace with a cable. */
async function setCable(): Promise<void> {
  const { name, here, there } = outside;
  await run('ip', ['netns', 'del', name]).catch(() => undefined);
  const steps = [
    `netns add ${name}`,
    `link add ${name}0 type veth peer name ${name}1 netns ${name}`,
    `addr add ${here}/30 dev ${name}0`,
    `link set ${name}0 up`,
    `-n ${name} addr add ${there}/30 dev ${name}1`,
    `-n ${name} link set ${name}1 up`,
  ];
  for (const step of steps) await run('ip', step.split(' '));
}

/** Returns the fronts of a bed, as a worker has them. */
function frontsOf({ prefix, request }: ManagedBed): Fronts {
  const key = { ...request(), platform: prefix };
  return {
    ensure: ({ front, phase, drain }) => ensureFront({ ...key, routes: front.routes, phase, drainFor: drain }),
    dismiss: ({ front }) => dismissFront({ ...key, routes: front.routes, refuseNew }),
    leavingSince: (asked) => leavingSince({ ...key, service: asked.service }),
    containers: async () => [],
    remove: (asked) => removeFront({ ...key, service: asked.service }),
    redirects: kernelRedirects(),
  };
}

/** A step's try without a workflow around it; `before` is called before an effect. */
function turnOf(before: (id: string) => Promise<void> = async () => undefined): Turn {
  return {
    token: { platform: bed.prefix, service: 'api' },
    say: () => undefined,
    async effect<T>(id: string, act: () => Promise<T>) {
      await before(id);
      return await act();
    },
    async until<T>(pause: Parameters<Turn['until']>[0], ask: () => Promise<T | undefined>) {
      for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        const rest = typeof pause === 'number' ? pause : pause();
        await (typeof rest === 'number' ? sleep(rest) : rest);
      }
    },
  } as unknown as Turn;
}

let standIn = 20_900;
const frontWith = (more: object): Front => ({
  proxy: 'edge',
  image: { ref: '', digest: '', local: true },
  routes: [{ ...bed.api, hostPort: undefined, ...more }],
});
/** With the port; and with another one in its place, that new connections are led to. */
const whole = () => frontWith({ hostPort: bed.hostPort });
const lent = () => frontWith({ hostPort: standIn++, redirectFrom: bed.hostPort });

const bring = (front: Front, turn = turnOf()) => ensureFrontStep({ fronts }, turn, { front });

/** The proxy is there, with nothing published yet. */
async function prepare(): Promise<void> {
  await bed.ensure({ phase: 'unnamed' });
  await bed.admit('s1', `${service}:8080`);
}

function start(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** The fastest rate that two processors bear beside all else. */
const perSecond = 208;

/** Returns the answers that clients of this machine have seen, or of the machine beside it. */
async function clients(host: string, requests: number): Promise<string[]> {
  const client = [fromSetup('test', 'e2e', 'port-client.js'), host, `${bed.hostPort}`, `${requests}`, `${perSecond}`];
  // The engine forgets connections of a removed container by their ports, even a new one from the same port.
  const child =
    host === outside.here
      ? start('ip', 'netns', 'exec', outside.name, process.execPath, ...client, '10000')
      : start(process.execPath, ...client);
  const seen = JSON.parse(await text(child.stdout!)) as { answered: number; failures: string[] };
  expect(seen.answered + seen.failures.length).toBe(requests);
  return seen.failures;
}

const answers = async (): Promise<boolean> =>
  await fetch(`http://127.0.0.1:${bed.hostPort}/`, { headers: { connection: 'close' } }).then(
    ({ ok }) => ok,
    () => false,
  );

const socketsIn = async (container: string) =>
  (await tcpSockets(Number(await docker(['inspect', '-f', '{{.State.Pid}}', container])))) ?? [];
const listens = async (container: string) => (await socketsIn(container)).some(({ state }) => state === 'listen');
const isIdle = async (container: string) =>
  (await socketsIn(container)).every(({ state, waiting }) => state === 'over' || (state === 'listen' && waiting === 0));

test('loses none of 10,000 connections while a port goes to the proxy and back, on a machine that is busy', async () => {
  const former = composed();
  const compose = () => startService(former, '-p', `${bed.hostPort}:8080`);
  await compose();
  await prepare();
  await waitFor({ what: 'the service at its port', until: answers });
  for (let count = 0; count < 3; count++) start('nice', '-n', '19', 'sh', '-c', 'while :; do :; done');
  let done = false;
  let rounds = 0;
  const hosts = [outside.here, '127.0.0.1', '::1', own];
  const failures: string[] = [];
  let waves = 0;
  const ask = async () => {
    for (; waves === 0 || rounds < 1; waves++)
      failures.push(...(await Promise.all(hosts.map((host) => clients(host, 2_500)))).flat());
  };
  const asking = ask().finally(() => {
    done = true;
  });
  for (; !done; rounds++) {
    await bring(lent());
    await waitFor({ what: `${former} without a connection`, every: 50, until: () => isIdle(former) });
    await docker(['stop', former]);
    await docker(['rm', former]);
    await bring(whole());
    await bring(lent());
    await compose();
    await waitFor({ what: `${former} at its port`, every: 20, until: () => listens(former) });
    await takeFrontAway({ fronts }, turnOf(), 'edge');
    await prepare();
  }
  await asking;
  console.log(`a port that changed hands ${4 * rounds} times: ${failures.length} of ${waves * 10_000} failed`);
  expect(failures).toEqual([]);
}, 240_000);

/** The engine's forwarders of a port of this host. */
async function forwardersOf(port: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,args']);
  const lines = stdout
    .split('\n')
    .filter((line) => line.includes('/docker-proxy ') && line.includes(`-host-port ${port} `));
  return lines.map((line) => Number.parseInt(line, 10));
}

test('loses nobody when the engine’s forwarder gets no processor while the port changes hands', async () => {
  await prepare();
  const front = lent();
  await bring(front);
  const pids = await forwardersOf(front.routes[0]!.hostPort!);
  expect(pids.length).toBeGreaterThan(0);
  const early: Promise<string>[] = [];
  const stall = async (id: string) => {
    if (id !== 'proxy.redirect') return;
    wakeLater(pids);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    for (const host of ['127.0.0.1', '[::1]', own]) early.push(answerTo(host));
    await waitFor({ what: 'connections that wait for the forwarder', every: 10, until: () => anyWaits(front) });
    setTimeout(() => {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }, 500);
  };
  await bring(whole(), turnOf(stall));
  expect(await Promise.all(early)).toEqual(['ok', 'ok', 'ok']);
});

/** Wakes processes even if this test is killed: the engine waits for a stopped forwarder for ever. */
const wakeLater = (pids: number[]): void =>
  spawn('sh', ['-c', `sleep 60; kill -CONT ${pids.join(' ')}`], { detached: true, stdio: 'ignore' }).unref();

const anyWaits = async ({ routes }: Front): Promise<boolean> => {
  const waiting = (await tcpSockets())!.filter(({ port }) => port === routes[0]!.hostPort).map((one) => one.waiting);
  return waiting.reduce((sum, count) => sum + count, 0) === 3;
};

const answerTo = async (host: string): Promise<string> =>
  await (await fetch(`http://${host}:${bed.hostPort}/`, { headers: { connection: 'close' } })).text();

/** Asks, reads nothing until it is sent a byte, and prints how much of the answer it has got. */
const lateReader = (host: string, path: string) => `
  const socket = require('node:net').connect({ host: '${host}', port: ${bed.hostPort} });
  let length = 0;
  socket.pause().write('GET ${path} HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n');
  process.stdin.once('data', () => socket.resume());
  socket.on('data', (data) => { length += data.length; }).on('error', (error) => console.log(error.code));
  socket.on('close', () => { console.log(length > ${long.length} ? 'whole' : 'cut off after ' + length); process.exit(); });
`;

test('brings an answer to its end that its client reads late, after the proxy has written all of it', async () => {
  await prepare();
  await bring(lent());
  const [former] = await bed.sandboxes('api');
  const reader = start('ip', 'netns', 'exec', outside.name, process.execPath, '-e', lateReader(outside.here, '/long'));
  const said = text(reader.stdout!);
  await waitFor({
    what: 'an answer that is written and not read',
    every: 20,
    until: async () =>
      (await openIn(former!.name)) && (await bed.proxy.observe('api')).every((one) => one.inFlight === 0),
  });
  setTimeout(() => reader.stdin!.write('x'), 2_000);
  await bring(whole());
  expect(await said).toBe('whole\n');
});

const openIn = async (container: string) =>
  (await socketsIn(container)).some(({ port, state }) => port === 8080 && state === 'open');
