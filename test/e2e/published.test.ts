import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ReleaseHandle } from '../../src/client';
import { kernelRedirects } from '../../src/hosts/redirect';
import { docker, waitFor } from '../../testbed';
import { buildHaproxyImage } from '../../testbed/haproxy-image';
import { freePort } from '../../testbed/port';
import { oneOfTwo } from './chosen';
import { instancesOf } from './containers';
import { portPoints } from './crash-cases';
import { arm, type CrashPoint } from './crash-point';
import { anotherGoesOn, workerIsDead, workersDie } from './crashes';
import { expectNoneFailed } from './expect-settled';
import { trackIpv6 } from './ipv6-tracking';
import { untilRelease, untilStep } from './progress';
import { releaseTo, type Stage, setStage, type Traffic } from './stage';

// Two releases under seven loads take half a minute on two cores that have nothing else to do.
jest.setTimeout(300_000);

const name = 'e2epub';
const run = promisify(execFile);
let stage: Stage;
/** At all addresses of this machine; and at its own and one of IPv6's alone. */
let hostPort: number;
let ownPort: number;
let untouched: string[];
let own: string;

beforeAll(async () => {
  await clear();
  const image = await buildHaproxyImage('1');
  hostPort = await freePort();
  ownPort = await freePort();
  own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal && !one.address.startsWith('172.'))!.address;
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }, { tag: 'never', env: { NEVER_READY: '1' } }],
    platform: { name, firstPort: 21800 },
    mortal: true,
  });
  writeProject(image);
  await trackIpv6('-A');
  untouched = await otherRules();
  await compose('up', '-d');
  await waitFor({ what: 'what Compose started', within: 60_000, until: () => answers('1') });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  await clear();
  await removeCable();
  await trackIpv6('-D').catch(() => undefined);
  await compose('down', '--remove-orphans', '--timeout', '2').catch(() => undefined);
  await stage?.stop();
}, 180_000);

/** Removes the leftovers of killed runs too. */
async function clear(): Promise<void> {
  const left = (await docker(['ps', '-aq', '--filter', `label=belay.proxy=${name}/edge`])).split('\n').filter(Boolean);
  if (left.length > 0) await docker(['rm', '-f', ...left]);
  await kernelRedirects().seek({ platform: name, proxy: 'edge', service: 'api' }, []);
}

/**
 * Writes a project without Belay. It has two published ports and a network with IPv6. Another service calls it by its
 * name.
 */
function writeProject(image: string): void {
  const app = stage.bed.images['1']!.ref;
  // A kept connection hears with an answer that it ends, before it is closed.
  const environment = { LINGER_MS: '500', PORT: '8080,8081' };
  const ports = [`${hostPort}:8080`, `${own}:${ownPort}:8081`, `[::1]:${ownPort}:8081`];
  const api = { image: app, ports, environment, stop_grace_period: '10s' };
  const services = { api, web: { image: app } };
  const networks = { default: { enable_ipv6: true, ipam: { config: [{ subnet: 'fd00:77::/64' }] } } };
  writeFileSync(join(stage.platform.folder, 'compose.yaml'), stringify({ name, services, networks }));
  const ready = { http: '/ready', port: 8080, every: '100ms', healthy: 1, within: '2s', timeout: '1s', grace: '0s' };
  stage.platform.write({
    spec: {
      compose: 'compose.yaml',
      proxies: { edge: { kind: 'haproxy', managed: true, image } },
      services: {
        api: {
          instances: 2,
          routes: [
            { proxy: 'edge', port: 8080 },
            { proxy: 'edge', backend: 'admin', port: 8081 },
          ],
          health: { ready },
        },
      },
    },
  });
}

const compose = async (...args: string[]) =>
  (await run('docker', ['compose', ...args], { cwd: stage.platform.folder })).stdout;

/** A worker dies at each of them, and another one goes on. */
async function workersDieAt(points: CrashPoint[], begin: () => Promise<ReleaseHandle>): Promise<ReleaseHandle> {
  arm(stage.crashes, ...points);
  const release = await begin();
  await workersDie(stage, { points, release });
  return release;
}

/** At both ports. */
async function answers(version: string): Promise<boolean> {
  const urls = [`http://127.0.0.1:${hostPort}`, `http://${own}:${ownPort}`];
  const found = urls.map(async (url) => {
    const answer = await fetch(`${url}/api/ping`, { headers: { connection: 'close' } });
    return ((await answer.json()) as { version: string }).version;
  });
  return (await Promise.all(found)).every((one) => one === version);
}

async function rules(): Promise<string[]> {
  const shown = await Promise.all(['iptables-save', 'ip6tables-save'].map((tool) => run(tool, ['-t', 'nat'])));
  return shown.flatMap(({ stdout }) => stdout.split('\n'));
}

/** Returns the rules besides the engine's own, which change with every container. */
const otherRules = async (): Promise<string[]> =>
  (await rules()).filter((line) => /^-A (PREROUTING|OUTPUT|INPUT)/.test(line)).sort();

/** The file of Compose is served by Compose, and nothing of Belay's is left. */
async function expectComposed(): Promise<void> {
  const instances = await instancesOf(name);
  expect(instances.map((one) => one.name)).toEqual([`${name}-api-1`, `${name}-web-1`]);
  expect(await proxies()).toEqual([]);
  expect(await otherRules()).toEqual(untouched);
  expect(await answers('1')).toBe(true);
}

async function expectTaken(version: string): Promise<void> {
  expect(await proxies()).toEqual([expect.stringContaining(`${name}-edge-api-`)]);
  expect(await proxies()).toEqual([expect.stringContaining(`0.0.0.0:${hostPort}->8080/tcp`)]);
  for (const address of [own, '[::1]'])
    expect(await proxies()).toEqual([expect.stringContaining(` ${address}:${ownPort}->8081/tcp`)]);
  expect(await otherRules()).toEqual(untouched);
  expect((await instancesOf(name)).map((one) => one.name)).not.toContain(`${name}-api-1`);
  expect(await answers(version)).toBe(true);
}

const proxies = async (): Promise<string[]> =>
  (await docker(['ps', '--filter', `label=belay.proxy=${name}/edge`, '--format', '{{.Names}} {{.Ports}}']))
    .split('\n')
    .filter(Boolean);

/** Sends one request after the other until its standard input ends, and prints the number of answers of each kind. */
const client = (url: string) => `(async () => {
  const found = {}; const count = (key) => { found[key] = (found[key] ?? 0) + 1; };
  let over = false; process.stdin.resume().on('end', () => { over = true; });
  for (; !over; await new Promise((go) => setTimeout(go, 25)))
    await fetch('${url}/api/ping', { headers: { connection: 'close' } })
      .then(async (r) => count((await r.json()).version ?? r.status), (e) => count(e.cause?.code ?? String(e)));
  console.log(JSON.stringify(found)); process.exit(); })()`;

type Counts = Record<string, number>;

interface Asking {
  stop(): Promise<Counts>;
}

function ask(command: string, ...args: string[]): Asking {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = text(child.stdout);
  return {
    async stop() {
      child.stdin.end();
      return JSON.parse(await said) as Counts;
    },
  };
}

const askByName = () => ask('docker', 'exec', '-i', `${name}-web-1`, 'node', '-e', client('http://api:8080'));

/** Another service by the name, a container of another network at the host's port, and a machine beside this one. */
async function askFromElsewhere(): Promise<Asking[]> {
  const image = stage.bed.images['1']!.ref;
  const elsewhere = ['--network', 'bridge', '--entrypoint', 'node', image, '-e', client(`http://${own}:${hostPort}`)];
  await setCable();
  return [
    askByName(),
    ask('docker', 'run', '--rm', '-i', ...elsewhere),
    ask('ip', 'netns', 'exec', name, process.execPath, '-e', client(`http://198.18.77.1:${hostPort}`)),
  ];
}

/** A network namespace with a cable. */
async function setCable(): Promise<void> {
  await removeCable();
  const [here, there] = [`${name}0`, `${name}1`];
  const steps = [
    `netns add ${name}`,
    `link add ${here} type veth peer name ${there} netns ${name}`,
    `addr add 198.18.77.1/30 dev ${here}`,
    `link set ${here} up`,
    `-n ${name} addr add 198.18.77.2/30 dev ${there}`,
    `-n ${name} link set ${there} up`,
  ];
  for (const step of steps) await run('ip', step.split(' '));
}

const removeCable = async () => void (await run('ip', ['netns', 'del', name]).catch(() => undefined));

/** Kept connections and new ones, at every address of this machine, and at both ports. */
async function everywhere(): Promise<{ stop(): Promise<void> }> {
  const loads: Traffic[] = await Promise.all([
    stage.load({ url: `http://127.0.0.1:${hostPort}`, ratePerSecond: 20, clients: 4 }),
    stage.load({ url: `http://127.0.0.1:${hostPort}`, ratePerSecond: 13, keepAlive: false, clients: 3 }),
    stage.load({ url: `http://[::1]:${hostPort}`, ratePerSecond: 13, keepAlive: false, clients: 3 }),
    stage.load({ url: `http://[::1]:${hostPort}`, ratePerSecond: 13, clients: 3 }),
    stage.load({ url: `http://${own}:${hostPort}`, ratePerSecond: 13, keepAlive: false, clients: 3 }),
    stage.load({ url: `http://${own}:${ownPort}`, ratePerSecond: 13, keepAlive: false, clients: 3 }),
    stage.load({ url: `http://[::1]:${ownPort}`, ratePerSecond: 10, keepAlive: false, clients: 2 }),
  ]);
  return {
    async stop() {
      const results = await Promise.all(loads.map((load) => load.stop()));
      console.log(results.map(({ requests, failed, max }) => `${failed} of ${requests}, ${max} ms`).join('; '));
      for (const result of results) expectNoneFailed(result);
    },
  };
}

/** Begins a request that is answered only after the client has sent all of it. */
function beginRequest(): { finish(): Promise<unknown> } {
  const asked = request(`http://127.0.0.1:${hostPort}/echo`, { method: 'POST', agent: false });
  const answer = new Promise<IncomingMessage>((resolve, reject) => asked.on('response', resolve).on('error', reject));
  asked.write('begun');
  return {
    async finish() {
      asked.end();
      return await json(await answer);
    },
  };
}

const result = async (handle: ReleaseHandle) => (await handle.result()).outcome;

/** Each begins and ends with what Compose started. */
const waysBack: Array<[string, () => Promise<void>]> = [
  [
    'a release that fails leaves the port with what Compose started, and nobody notices, wherever its worker dies',
    async () => {
      const { beforeOn, afterOn, forgotten } = portPoints;
      const load = await everywhere();
      const handle = await workersDieAt([beforeOn, afterOn, forgotten], () =>
        stage.release({ versions: { api: 'never' } }),
      );
      expect(await result(handle)).toBe('failed');
      await load.stop();
      await expectComposed();
    },
  ],
  [
    'a rollback at the very end gives the port back to what Compose started',
    async () => {
      const load = await everywhere();
      arm(stage.crashes, portPoints.published);
      const handle = await stage.release({ versions: { api: '2' } });
      await workerIsDead(stage, { points: [portPoints.published], release: handle });
      await expectTaken('2');
      await handle.say('rollback', { by: 'tester' });
      await anotherGoesOn(stage, handle);
      expect(await result(handle)).toBe('rolled-back');
      await load.stop();
      await expectComposed();
    },
  ],
  [
    'a rollback after a worker died between refusing who comes by name and asking to stop loses nobody, and all are let in again',
    async () => {
      const load = await everywhere();
      const during = askByName();
      arm(stage.crashes, portPoints.refused);
      const handle = await stage.release({ versions: { api: '2' } });
      await workerIsDead(stage, { points: [portPoints.refused], release: handle });
      await handle.say('rollback', { by: 'tester' });
      await anotherGoesOn(stage, handle);
      expect(await result(handle)).toBe('rolled-back');
      const after = askByName();
      await load.stop();
      expect(Object.keys(await during.stop()).sort()).toEqual(['1', '2']);
      await expectComposed();
      expect(Object.keys(await after.stop())).toEqual(['1']);
    },
  ],
  [
    'a rollback while the former proxy still holds a request lets it finish',
    async () => {
      const load = await everywhere();
      const handle = await stage.release({ versions: { api: '2' } });
      await untilStep(handle, /drain\//, 'done');
      const slow = beginRequest();
      const untilWaiting = (step: RegExp) =>
        untilRelease(handle, `the wait for the former proxy in ${step}`, ({ steps }) =>
          Object.entries(steps).some(([id, { note = '' }]) => step.test(id) && /finishes its requests/.test(note)),
        );
      await untilWaiting(/^api\/publish\/edge$/);
      await handle.say('rollback', { by: 'tester' });
      await untilWaiting(/undo.*publish\/edge$/);
      expect(await slow.finish()).toMatchObject({ version: '2' });
      expect(await result(handle)).toBe('rolled-back');
      await load.stop();
      await expectComposed();
    },
  ],
];

test.each(oneOfTwo(waysBack))('%s', (_title, goesBack) => goesBack());

test('the first release takes the port over, also for other services and other machines, where one before it was terminated', async () => {
  const load = await everywhere();
  const asking = await askFromElsewhere();
  const first = await stage.release({ versions: { api: '2' } });
  await untilStep(first, /swap\//, 'done');
  await stage.platform.client.workflow.getHandle(first.workflowId).terminate();
  await releaseTo(stage, { versions: { api: '2' } });
  const counts = await Promise.all(asking.map((one) => one.stop()));
  await load.stop();
  await expectTaken('2');
  console.log(JSON.stringify(counts));
  for (const one of counts) expect(Object.keys(one).sort()).toEqual(['1', '2']);
  await releaseTo(stage, { versions: { api: '2' } }, 'unchanged');
});

test('a rollback gives the port back to Compose', async () => {
  const load = await everywhere();
  const handle = await workersDieAt([portPoints.left], () => stage.platform.belay.rollback({ platform: name }));
  expect(await result(handle)).toBe('reverted');
  await load.stop();
  await expectComposed();
});

test('a drop gives the port free: docker compose up works right after', async () => {
  await releaseTo(stage, { versions: { api: '2' } });
  await expectTaken('2');
  expect((await (await stage.platform.belay.drop({ platform: name })).result()).outcome).toBe('removed');
  expect(await proxies()).toEqual([]);
  expect(await otherRules()).toEqual(untouched);
  await compose('up', '-d');
  await waitFor({ what: 'Compose serving again', within: 60_000, until: () => answers('1').catch(() => false) });
  await expectComposed();
});

test('where nothing can be led elsewhere, the plan says that the port does not answer for a while', async () => {
  await stage.worker().stop();
  await stage.startWorker({ env: { BELAY_REDIRECT: 'off' } });
  const url = `http://127.0.0.1:${hostPort}`;
  const load = await stage.load({ url, keepAlive: false, clients: 1, ratePerSecond: 200 });
  const handle = await stage.release({ versions: { api: '2' } });
  expect(await result(handle)).toBe('released');
  const { failed, requests, max } = await load.stop();
  console.log(`without redirects: ${failed} of ${requests} failed at 200 a second, slowest ${max} ms`);
  const said = (await handle.status()).plan?.warnings.join();
  expect(said).toMatch(new RegExp(`port ${hostPort}, ${ownPort} does not answer from when`));
  await expectTaken('2');
  expect(await result(await stage.platform.belay.rollback({ platform: name }))).toBe('reverted');
  await expectComposed();
});
