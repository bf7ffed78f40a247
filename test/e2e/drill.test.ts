import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillRecord } from '../../src/drill';
import { docker } from '../../testbed';
import { belay } from './command';
import { arm, type CrashPoint } from './crash-point';
import { workerDies } from './crashes';
import { releaseTo, type Stage, setStage } from './stage';

const name = 'e2edrill';
let stage: Stage;

/** A server whose requests to /slow take a while. What it does at a signal is up to `more`. */
const program = (more: string): string[] => {
  const server = `require('http').createServer((q, r) => setTimeout(() => r.end('ok'), q.url === '/slow' ? 300 : 0)).listen(8080);`;
  return [`CMD ${JSON.stringify(['node', '-e', `${server} ${more}`])}`];
};
const exits = "for (const one of ['SIGTERM', 'SIGINT']) process.on(one, () => process.exit(0))";
const versions = [{ tag: 'good' }, { tag: 'deaf', lines: program('') }, { tag: 'rude', lines: program(exits) }];

beforeAll(async () => {
  stage = await setStage({ versions, platform: { name, firstPort: 23000 }, mortal: true });
}, 360_000);

afterAll(() => stage?.stop(), 60_000);

const serviceOf = (tag: string, drill: object = {}) => ({
  image: stage.bed.images[tag]!.ref,
  health: { ready: { http: '/ready', port: 8080, every: '100ms', healthy: 1, within: '10s' } },
  drill: { path: tag === 'good' ? '/slow?ms=300' : '/slow', settle: '50ms', wait: '1500ms', ...drill },
  stop: { grace: '2s' },
});
const marked = ['--filter', 'label=belay.drill', '--format'];
const left = async (): Promise<string> =>
  [await docker(['ps', '-a', ...marked, '{{.Names}}']), await docker(['network', 'ls', ...marked, '{{.Name}}'])].join(
    '',
  );
/** Those of this platform: other tests run beside this one. */
const networks = (): Promise<string> => docker(['network', 'ls', '--filter', `name=${name}`, '--format', '{{.Name}}']);

test('three services are drilled at once: one stops well, one hears no signal, one cuts requests', async () => {
  stage.platform.write({ spec: { services: Object.fromEntries(versions.map(({ tag }) => [tag, serviceOf(tag)])) } });
  const before = await networks();
  const { code, out, err } = await belay(stage, 'drill', '--all', '--json', '--junit', 'drill.xml');
  expect({ code, err }).toMatchObject({ code: 3 });
  const last = JSON.parse(out.trimEnd().split('\n').at(-1)!) as { drills: DrillRecord[] };
  expect(last.drills.map(({ service, verdict, findings }) => [service, verdict, findings.map(({ id }) => id)])).toEqual(
    [
      ['deaf', 'fail', ['no-handler', 'forced-kill', 'still-answers', 'ready-late', 'sockets', 'sigint']],
      ['good', 'pass', []],
      ['rude', 'fail', ['cut']],
    ],
  );
  expect(last.drills.flatMap(({ unknown }) => unknown)).toEqual([]);
  expect(readFileSync(join(stage.platform.folder, 'drill.xml'), 'utf8')).toContain('tests="3" failures="2" errors="0"');
  expect(await left()).toBe('');
  expect(await networks()).toBe(before);
  const kept = await belay(stage, 'drill', '--list', 'good');
  expect(kept).toMatchObject({ code: 0, out: expect.stringMatching(/^good +pass +\d/m) });
});

test('a release whose new version cuts requests turns back before its first launch', async () => {
  const write = (tag: string, drill: object) =>
    stage.platform.write({ spec: { services: { api: serviceOf(tag, drill) } } });
  write('good', {});
  await releaseTo(stage, {});
  write('rude', { when: 'before' });
  const handle = await stage.release();
  await expect(handle.result()).resolves.toMatchObject({
    outcome: 'failed',
    cause: { code: 'drill-failed', step: 'api/drill', message: expect.stringContaining('cut') },
  });
  const { steps } = await handle.status();
  expect(Object.keys(steps).filter((id) => id.includes('/launch/') && steps[id]?.startedAt)).toEqual([]);
  expect(await stage.platform.containers()).toMatchObject([{ state: 'running', revision: 1 }]);
  expect(await left()).toBe('');
});

test('a worker that dies in the middle is followed by one that drills anew, and leaves nothing', async () => {
  const point: CrashPoint = { kind: 'effect', id: 'drill.run', when: 'within', delay: 900, way: 'forward' };
  stage.platform.write({ spec: { services: { good: serviceOf('good', { settle: '500ms' }) } } });
  arm(stage.crashes, point);
  const handle = await stage.platform.belay.drill({ platform: name, services: ['good'] });
  await workerDies(stage, { point, release: handle });
  expect((await handle.result()).outcome).toBe('passed');
  expect(await left()).toBe('');
});
